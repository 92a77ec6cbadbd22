"""What a picture may be, and what it becomes."""

from dataclasses import dataclass

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LEAST_SIDE = 100  # pixels; less than this is an icon or a slip
LONGEST_ALT = 300

# The longer side of each rendition in pixels, by the name it is served under.
SIZES = {"large": 1200, "small": 480}

CHOOSE = "Choose a picture: a JPEG, PNG or WebP file of up to 8 MB"
DESCRIBE = "Describe the picture for somebody who cannot see it"
EMPTY = "That file is empty. Choose another"
TOO_LARGE = "That picture is larger than 8 MB. Choose a smaller one, or send it at a lower quality"
NOT_A_PICTURE = "That is not a JPEG, PNG or WebP picture. Choose another"
DAMAGED = "That picture is damaged or not whole. Open and save it again, or choose another"
TOO_MANY_PIXELS = "That picture has more than 40 million pixels. Choose a smaller one"
TOO_SMALL = f"That picture is too small. Choose one of at least {LEAST_SIDE} pixels each way"
BUSY = "Many pictures are being worked on just now. Choose it again in a minute"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture re-encoded: its renditions by size, and the pixels of the largest."""

    renditions: dict[str, bytes]
    width: int
    height: int


def object_name(id: object, size: str) -> str:
    """Name the object of a rendition; nothing a person typed is part of it."""
    return f"images/{id}/{size}.webp"


def address(id: object, size: str) -> str:
    """Give the address a rendition is served at; what lies there never changes."""
    return f"/files/{id}/{size}.webp"
