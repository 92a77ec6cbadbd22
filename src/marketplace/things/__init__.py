"""Borrowing: from a catalogue entry somebody writes to a unit that comes back in good condition.

Glossary:

- *thing*: a model in the catalogue ("Four-person tent"); rooms and vehicles are things too.
- *unit*: one physical piece of it ("Tent B", asset code T-002). People reserve a thing and are
  lent a unit.
- *site*: where things are collected and returned, with weekly opening hours on its own wall
  clock and dated closures or other hours.
- *reservation*: a person's claim to any unit of a thing from a collection day to a return day;
  a *loan* from the moment a unit is handed over until it is taken back.
- *occupancy*: a period in which a unit cannot be had: *held* for a reservation (provisional, may
  move to another unit), *out*, in *turnaround*, or *blocked* by repair or retirement.
- *unplaced*: a reservation whose unit broke and for which no other is free; it waits for a unit
  or for a decision.
- *desk*: where librarians hand over and take back.

"Overdue" and "at risk" are never stored: both follow from the clock.
"""
