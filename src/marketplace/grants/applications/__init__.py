"""Applications: drafting together, answering, submitting and withdrawing."""
