"""What a person has shown (checks, training), by whom it was seen, and until when it holds.

Glossary:

- *credential*: what one organisation saw of one person. It is that organisation's: no other may
  rely on a check it has not seen itself.
- *check*: a criminal record check. Kept of it are its level, workforce, date and whether it was
  satisfactory; never a document, never what stood in it.
- *training*: everything else. Its person may show it to the organisations they help.
- *reference*: the number of a certificate, deleted within six months of being seen.
"""
