"""What suits somebody: open opportunities in the order in which they fit one person, and why.

Connection
    A booking or a sent application of the last 28 days. Each one moves an opportunity a little
    down the list, so that small organisations are seen too.
Slot
    A part of a weekday, such as "tue-evening"; people say in which they are free.
"""
