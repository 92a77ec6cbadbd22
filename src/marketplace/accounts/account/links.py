"""What features above have a person decide about themselves: a line each on the account page."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A page of one's own; `says` tells in half a sentence what is decided there."""

    label: str
    href: str
    says: str
    order: int = 50


_links: list[AccountLink] = []


def set_links(links: Sequence[AccountLink]) -> None:
    """Take the links that the app gathered from the features above."""
    _links[:] = sorted(links, key=lambda link: (link.order, link.label))


def links() -> list[AccountLink]:
    """Give them in the order of the page."""
    return list(_links)
