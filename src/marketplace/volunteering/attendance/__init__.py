"""On the day: who is here, who came, and who may say so.

Glossary:

- *code*: a signed address of a shift that is new every minute, shown to those who are there.
- *list*: the roster, on which somebody says who came.
- *walk-in*: somebody without a booking who takes a free place at the door.
- *shift leader*: a volunteer trusted to mark who came, on one shift or on all of one role.

Whether somebody came is between them and the organisation. It is shown to nobody else, and no
score is made of it.
"""
