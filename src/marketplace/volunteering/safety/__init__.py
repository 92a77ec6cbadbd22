"""What the leader of a shift should know in an emergency, where the volunteer agreed to it.

A person writes down once whom to ring and what they need, and chooses organisation by
organisation, or for one booking, whether the leader of the shift sees it: from 24 hours before the
shift to 24 hours after it. Each look is written down and shown to the person.
"""
