"""Campaigns of a place: more opportunities, counted fairly, and hours that teams give.

Opportunity, as counted
    A role at an organisation in a place. Roles whose titles say the same are one, so that
    splitting one into five changes nothing.
Baseline
    How many there were when the campaign began. It is frozen with the list of what it counts.
Team
    An organisation that takes part with its verified hours because it chose to.
"""
