"""Which check a role may lawfully ask for, who decided it, and what that enforces."""
