"""Volunteers who are on their own with somebody, or in a home: are they out again?

A shift, or all visits of an arrangement, is marked *lone*. Its volunteer checks in and out on
their own page. Whoever has not checked out by the end is asked; half an hour after it the leader
of the shift and the safeguarding lead and deputy are told, an hour after it the place's lead, until
somebody says that the volunteer is safe.
"""
