"""Moving in: what a volunteer centre brings along from another tool, as tables (CSV) or a feed.

Glossary:

- *import*: one table of one kind, staged line by line before anything is made of it. Lines of a
  feed (JSON-LD, see `feeds`) are its organisations, each followed by its activities.
- *verdict*: what becomes of a line: new, matched (it is here already, so nothing is made; the
  draft that a feed made follows it),
  doubtful (the broker decides), refused (with the reason).
- *claim*: whoever a table brought proves that the address is theirs and chooses a password.
  Until then they are reached by nobody but the one invitation that a broker sends.
"""
