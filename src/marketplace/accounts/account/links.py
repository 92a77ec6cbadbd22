"""What features above have a person decide about themselves: a line each on the account page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from marketplace.permissions import Actor


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A page of one's own; `says` tells in half a sentence what is decided there.

    `shown` is asked where it is not for everybody.
    """

    label: str
    href: str
    says: str
    order: int = 50
    shown: Callable[[Actor], Awaitable[bool]] | None = None


_links: list[AccountLink] = []


def set_links(links: Sequence[AccountLink]) -> None:
    """Take the links that the app gathered from the features above."""
    _links[:] = sorted(links, key=lambda link: (link.order, link.label))


async def links(actor: Actor) -> list[AccountLink]:
    """Give those of the actor in the order of the page."""
    return [link for link in _links if link.shown is None or await link.shown(actor)]
