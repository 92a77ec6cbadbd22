"""Giving time: from an opportunity somebody writes to hours somebody confirms.

Glossary, in the terms of the UK volunteering data standard:

- *opportunity*: what an organisation asks volunteers to do; a draft until it is published.
- *role*: what one volunteer does in it, with the minimum age. One a role and opportunity so far.
- *shift* (the standard's session): one dated period of a role with a number of places.
- *series*: a shift that recurs by a rule in local time; its shifts are made some weeks ahead.
- *booking*: one person's place on one shift.
- *hours*: the time given on one booking, proposed by the shift's length, confirmed by the
  organisation.
- *flexible*: an opportunity without dates; its contact arranges them. It may have a last day.
- *visits*: regular times that a coordinator arranged with one volunteer; in no list.
- *logged*: an opportunity without times; people say afterwards how long it took.

"Full" is never stored: a shift is full when as many places are taken or held as it has. A place
is *held* while it is offered to somebody on the *waitlist*, or reserved by a group.
"""
