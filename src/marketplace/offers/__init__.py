"""A queue for something that is full, and a timed offer to the next in it.

What the queue is for is the caller's: a shift, a thing, anything with a type and an id. This
feature keeps the order and the answers, and says how long an offer stands. The caller counts
what is free, holds back what is offered, and does what an acceptance means, all in its own
transaction and under its own lock; `steps` lock the queue's row besides.

Glossary:

- *subject*: what people wait for, named by its type and id.
- *queue*: all who wait for one subject, in order; it offers to the first, or somebody chooses.
- *entry*: one person's time in one queue, from joining to whatever ended it.
- *offer*: an entry to which something free was offered, until `expires_at`.
"""
