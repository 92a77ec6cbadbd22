"""Messages between people who do not know each other's addresses.

What a thread is about is the business of whoever owns it: a booking, by its type and id. This
feature keeps who said what, tells who may say more, and hands copies to those who must have one.

Glossary:

- *thread*: what is said about one subject, between one person and the people of an organisation.
- *side*: as whom somebody writes: as the person, or for the organisation.
- *broadcast*: the same message to many; each gets it in their own thread, and answers alone.
- *copy*: a message that somebody else was given too, because it is to a person under 18.
- *safety message*: one that reaches even who blocked its author, while the subject lies ahead.
- *block*: somebody writes no more to a person, or to an organisation.
- *report*: a message shown to the moderators, that message alone.
"""
