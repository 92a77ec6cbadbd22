"""Assessment: who judges a round, what ties they declare, and the points they give.

Whoever has a tie to an applicant sees nothing of its application anywhere. The database function
`tied` is the one rule of that; every read here and in `awards` asks it.
"""
