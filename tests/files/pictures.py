"""Pictures to send: good ones, and ones made to break something."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw, PngImagePlugin


def drawn(width: int = 800, height: int = 600, mode: str = "RGB") -> Image.Image:
    """A sky, a sun and a meadow: enough to see which way up it is."""
    picture = Image.new("RGB", (width, height), (140, 190, 235))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 2 // 3, width, height), fill=(90, 150, 70))
    pen.ellipse((width // 10, height // 10, width // 4, height // 3), fill=(250, 210, 80))
    return picture if mode == "RGB" else picture.convert(mode)


def saved(picture: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """The bytes of a picture."""
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def jpeg(width: int = 800, height: int = 600, **options: Any) -> bytes:
    """A good JPEG."""
    return saved(drawn(width, height), "JPEG", **options)


def telling() -> bytes:
    """A JPEG that says where, when and with what it was taken, in every way there is."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    exif[0x0132] = "2026:11:22 03:28:26"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (51.0, 44.0, 9.0)
    gps[3], gps[4] = "E", (0.0, 28.0, 7.0)
    return jpeg(exif=exif, xmp=b"<x:xmpmeta>SECRET-XMP</x:xmpmeta>", comment=b"SECRET-COMMENT")


def png_of(width: int, height: int, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever is in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A small PNG whose comment unpacks to 64 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "a" * 64_000_000, zip=True)
    return saved(drawn(200, 200), "PNG", pnginfo=info)


def sixteen_bit() -> bytes:
    """A grey PNG of 16 bits a pixel, from black on the left to white on the right."""
    row = b"\0" + b"".join(struct.pack(">H", x * 65535 // 299) for x in range(300))
    return png_of(300, 200, depth=16, colour=0, data=row * 200)


def animated(format: str) -> bytes:
    """Three frames; only the first is blue."""
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("blue", "red", "green")]
    return saved(frames[0], format, save_all=True, append_images=frames[1:], duration=100)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
PHP = b"<?php system($_GET['c']); ?>"
# One frame of 65,535 x 65,535 pixels in a few bytes.
GIF_BOMB = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\2\2D\1\0;"
