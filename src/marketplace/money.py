"""Money is integer pence; nothing else in the product does arithmetic on it as a fraction."""

from typing import NewType

Pence = NewType("Pence", int)


def pounds(amount: int) -> str:
    """Write pence as pounds: 1250 is "£12.50", 40000 is "£400"."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}£{whole:,}.{rest:02d}" if rest else f"{sign}£{whole:,}"
