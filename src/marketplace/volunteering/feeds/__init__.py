"""Reading what other platforms publish in the volunteering data standard.

The shape is that of our own feed: organisation, activity, role and session; `rules` reads JSON-LD
as it is written with the standard's context, in whatever order and with or without our additions.
A command reads a feed into drafts; a broker sends one in with `moving_in`, which previews and
undoes. Read again, either way, it brings the drafts it made up to date, unless they are their
organisation's own by then.

Glossary: the *source* is the id under which another platform publishes something; it is kept, so
that reading the feed again changes what it made and makes nothing twice.
"""
