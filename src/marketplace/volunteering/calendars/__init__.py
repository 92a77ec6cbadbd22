"""One's bookings in one's own calendar: a private feed, and single events.

Glossary:

- *feed*: an address that calendar programs read again and again; only its person knows it.
- *UID*: what an event is to every calendar, for as long as the booking is there.
- *sequence*: how often what a calendar shows of the event has changed; the higher one is right.
"""
