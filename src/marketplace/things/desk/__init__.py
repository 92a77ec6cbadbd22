"""The desk: handing over, taking back, and what needs a decision."""
