"""Reading what other platforms publish in the volunteering data standard.

The shape is that of our own feed: organisation, activity, role and session; `rules` reads JSON-LD
as it is written with the standard's context, in whatever order and with or without our additions.

Glossary: the *source* is the id under which another platform publishes something; it is kept, so
that reading the feed again changes what it made and makes nothing twice.
"""
