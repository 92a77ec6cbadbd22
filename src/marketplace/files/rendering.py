"""Taking a picture apart and making our own of it: no byte that was sent is ever served.

What is looked at is the content, never the name. The size is read from the header before any
pixel is, so that a small file that unpacks to gigabytes costs nothing. Orientation and colours
are applied, and then every profile, place, time and comment in the file is left behind.
"""

import asyncio
import contextlib
import io
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from PIL import Image, ImageCms

from marketplace.errors import Conflict
from marketplace.files import rules
from marketplace.files.rules import Rendered

# Two at a time: one of 40 million pixels needs up to 300 MB while it is worked on.
WORKERS = 2
SECONDS = 30.0
QUALITY = 80

_FORMATS = ("JPEG", "PNG", "WEBP")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
# Whatever a decoder may raise on bytes made to break it.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError)
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Said by us in a sentence, long before.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="pictures")


async def render(content: bytes) -> Rendered:
    """Check and re-encode a picture off the event loop; not inside a transaction.

    Raises:
        Conflict: it is no picture we take, or too large; names the field `picture`.
    """
    if not content:
        raise _refusal(rules.EMPTY)
    if len(content) > rules.MOST_BYTES:
        raise _refusal(rules.TOO_LARGE)
    if not content.startswith(_BEGINNINGS):
        raise _refusal(rules.NOT_A_PICTURE)
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.get_running_loop().run_in_executor(_pool(), re_encode, content)
    except TimeoutError as error:
        # A thread cannot be stopped, but what it works on is bounded, and so are the threads.
        raise _refusal(rules.BUSY) from error


def re_encode(content: bytes) -> Rendered:
    """Do the work of `render`, in a thread."""
    with _opened(content) as probe, _refusing(rules.DAMAGED):
        probe.verify()
    with _opened(content) as picture, _refusing(rules.DAMAGED):
        if picture.format == "JPEG":
            # The decoder itself halves it as often as still leaves enough: a tenth of the time.
            enough = 2 * rules.SIZES["large"]
            picture.draft("RGB", (enough, enough))
        picture.load()
        clean = _clean(picture)
        renditions: dict[str, bytes] = {}
        for name, side in rules.SIZES.items():
            sized = clean.copy()
            sized.thumbnail((side, side), Image.Resampling.LANCZOS)
            renditions[name] = _written(sized)
        return Rendered(renditions, *clean.size)


def _opened(content: bytes) -> Image.Image:
    with _refusing(rules.NOT_A_PICTURE):
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
    width, height = picture.size
    if width * height > rules.MOST_PIXELS:
        raise _refusal(rules.TOO_MANY_PIXELS)
    if min(width, height) < rules.LEAST_SIDE:
        raise _refusal(rules.TOO_SMALL)
    return picture


def _clean(picture: Image.Image) -> Image.Image:
    """Give the picture upright, in sRGB, on white, small enough to work with, and alone."""
    profile, turn = picture.info.get("icc_profile"), _turn(picture)
    if picture.mode.startswith("I"):
        # 16 bits a pixel: Pillow would cut off at 255 rather than scale.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif picture.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    elif picture.mode not in {"L", "RGB", "CMYK", "RGBA"}:
        picture = picture.convert("RGB")
    side = rules.SIZES["large"]
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture = picture.convert("RGB")
    picture = _in_srgb(picture, profile)
    alone = Image.new("RGB", picture.size)
    alone.paste(picture)
    return alone.transpose(turn) if turn is not None else alone


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """Read how the camera was held; what cannot be read turns nothing."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return None


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Convert to the colours that browsers assume; phones and printers keep others."""
    if isinstance(profile, bytes) and profile:
        with contextlib.suppress(ImageCms.PyCMSError, *_BROKEN):
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if converted is not None:
                return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _written(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    # Named empty: Pillow would otherwise copy what the picture's `info` holds.
    picture.save(file, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return file.getvalue()


@contextlib.contextmanager
def _refusing(sentence: str) -> Iterator[None]:
    try:
        yield
    except Conflict:
        raise
    except _BOMB as error:
        raise _refusal(rules.TOO_MANY_PIXELS) from error
    except (*_BROKEN, MemoryError) as error:
        raise _refusal(sentence) from error


def _refusal(sentence: str) -> Conflict:
    return Conflict(sentence, field="picture")
