"""Groups on a shift: a captain keeps places for them, and names people later.

Glossary:

- *group*: colleagues, a class or a club who come together; its *captain* keeps their places.
- *held*: the places a group keeps that nobody has accepted; the shift counts them in `shift.held`.
- *seat*: a place that the captain named somebody for. They accept with an account of their own,
  where age, consent and checks are asked of them as of everybody, and the seat becomes a booking.
- *lapse*: some days before the shift, places without a name are everybody's again; named ones
  that nobody answered follow a day before it.
- *employer-supported*: hours of a booking that came from an employer's group.
"""
