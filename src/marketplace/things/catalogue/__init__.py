"""The catalogue: things, their units, and the pages people find them by."""
