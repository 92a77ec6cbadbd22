"""Recognition that harms nobody's benefits: no cash, no vouchers, no points.

Glossary:

- *milestone*: what somebody's confirmed hours add up to; theirs alone to see.
- *thanks*: a sentence from a coordinator to one volunteer; theirs alone to see.
- *statement*: what a volunteer chose to show of their confirmed hours, as it stood on the day it
  was made, with a public page that proves it; a *certificate* is one of a single organisation.

Only confirmed hours count. The page of a statement shows what was chosen and nothing else, and
is gone as soon as its volunteer says so, or leaves.
"""
