"""Open opportunities in the UK volunteering data standard: the one adapter that knows its terms.

Where the standard is silent or disagrees with itself, `rules` says what was chosen.
"""
