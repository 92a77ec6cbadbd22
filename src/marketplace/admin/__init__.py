"""The administrator's pages: what the worker could not do, and what happened here.

Held job
    One that failed as often as it may and waits for somebody to look at it.
"""
