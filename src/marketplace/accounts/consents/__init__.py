"""What people agreed to be written to about, an organisation, purpose and channel.

A message about a booking needs no consent. Everything else does: to be asked to fill a shift, a
weekly digest, news. The weekly digest is the place's own, of no organisation.

Glossary:

- *ledger*: all that was ever agreed or withdrawn; rows are added and never changed. What counts
  is the last row of a person, organisation, purpose and channel.
- *evidence*: how it was given, when, the version of the words that were shown, and where the
  proof lies. Without it nothing is agreed.
"""
