"""Money is integer pence; nothing else in the product does arithmetic on it as a fraction."""

import re
from typing import NewType

Pence = NewType("Pence", int)


def pounds(amount: int) -> str:
    """Write pence as pounds: 1250 is "£12.50", 40000 is "£400"."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}£{whole:,}.{rest:02d}" if rest else f"{sign}£{whole:,}"


# £100 billion: what is more cannot be meant, and stays far inside a bigint.
_MOST = 10_000_000_000_000
_TYPED = re.compile(r"£?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,2}))?")


def parse(text: str) -> Pence | None:
    """Read pounds as people type them: "£1,250", "1250.50", "1250.5"; None when it is no amount."""
    match = _TYPED.fullmatch("".join(text.split()))
    if match is None:
        return None
    amount = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    return Pence(amount) if amount <= _MOST else None
