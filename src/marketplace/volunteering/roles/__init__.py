"""The roles of an opportunity: what each volunteer does, from what age, and how many."""
