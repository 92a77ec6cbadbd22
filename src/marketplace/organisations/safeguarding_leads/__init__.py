"""Who hears of a concern: each organisation's safeguarding lead and deputy, and the place's.

They are told of concerns by being named, not by a role: an owner who is neither hears of none.
"""
