"""The twelve shelves of the library, each with its icon and the words people search by."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Category:
    """One shelf; `also` are words that lead to it."""

    slug: str
    label: str
    icon: str
    also: tuple[str, ...]


_ALL = (
    Category("tools", "Tools and DIY", "hammer", ("drill", "saw", "ladder", "repair")),
    Category("garden", "Garden", "sprout", ("mower", "hedge", "allotment", "gardening")),
    Category("camping", "Camping and outdoors", "tent", ("tent", "hiking", "holiday")),
    Category("events", "Parties and events", "ticket", ("gazebo", "party", "fete", "wedding")),
    Category("kitchen", "Kitchen and catering", "soup", ("cooking", "urn", "baking", "food")),
    Category("children", "Children and toys", "blocks", ("baby", "toys", "play", "pram")),
    Category("sport", "Sports and games", "dumbbell", ("games", "fitness", "football")),
    Category("arts", "Arts, crafts and music", "palette", ("sewing", "instrument", "craft")),
    Category("technology", "Sound, screens and computers", "monitor", ("projector", "laptop")),
    Category("home", "Home, cleaning and care", "house", ("carpet cleaner", "wheelchair")),
    Category("transport", "Bikes, trailers and vans", "bike", ("van", "minibus", "bicycle")),
    Category("rooms", "Rooms and halls", "building", ("hall", "meeting room", "venue")),
)
CATEGORIES: Mapping[str, Category] = MappingProxyType({each.slug: each for each in _ALL})


def choices() -> list[tuple[str, str]]:
    """Give (slug, label) in the order of the shelves."""
    return [(each.slug, each.label) for each in _ALL]


def icon(slug: str) -> str:
    """Name the lucide icon of a category; a parcel for an unknown one."""
    found = CATEGORIES.get(slug)
    return found.icon if found else "package-open"


def label(slug: str) -> str:
    """Name a category in words."""
    found = CATEGORIES.get(slug)
    return found.label if found else slug
