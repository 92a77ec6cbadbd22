"""Why somebody can or cannot book a shift: one answer, with all reasons."""
