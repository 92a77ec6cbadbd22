"""A believable town to try everything in: invented people and groups in real places.

`town` makes it from a fixed number, `seed` loads it, `mailbox` shows the mail it sends.
"""
