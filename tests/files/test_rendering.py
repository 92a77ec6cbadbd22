"""What may be sent, and that nothing of it but the picture itself comes out."""

from __future__ import annotations

import asyncio
import io
import time

import pytest
from PIL import Image, ImageCms
from tests.files import pictures

from marketplace.errors import Conflict
from marketplace.files import rendering, rules

BLUE, GREEN = (140, 190, 235), (90, 150, 70)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def close(pixel: object, colour: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= by for one, other in zip(pixel[:3], colour, strict=True))


async def refused(content: bytes) -> str:
    with pytest.raises(Conflict) as refusal:
        await rendering.render(content)
    assert refusal.value.field == "picture"
    return refusal.value.message


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_becomes_webp_in_two_sizes(format: str):
    made = await rendering.render(pictures.saved(pictures.drawn(3000, 2000), format))
    large, small = opened(made.renditions["large"]), opened(made.renditions["small"])
    assert (large.format, large.size, small.format, small.size) == (
        "WEBP", (1200, 800), "WEBP", (480, 320),
    )  # fmt: skip
    assert (made.width, made.height) == (1200, 800)
    assert close(large.getpixel((1100, 30)), BLUE) and close(large.getpixel((600, 790)), GREEN)


async def test_a_small_picture_is_not_enlarged():
    made = await rendering.render(pictures.jpeg(300, 200))
    assert (made.width, made.height) == (300, 200)
    assert opened(made.renditions["small"]).size == (300, 200)


async def test_place_camera_and_comments_are_left_behind():
    sent = pictures.telling()
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825) and sent.count(b"SECRET") == 3
    for rendition in (await rendering.render(sent)).renditions.values():
        out = opened(rendition)
        assert not out.getexif() and not out.getexif().get_ifd(0x8825)
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(out.info)
        for kind in (b"SECRET", b"EXIF", b"Exif", b"XMP", b"ICCP", b"xmpmeta"):
            assert kind not in rendition


@pytest.mark.parametrize("tail", [b"PK\x03\x04 a zip", b"<script>alert(1)</script>", pictures.PHP])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_what_hangs_behind_a_picture_is_gone(format: str, tail: bytes):
    sent = pictures.saved(pictures.drawn(), format) + tail
    for rendition in (await rendering.render(sent)).renditions.values():
        assert tail not in rendition


@pytest.mark.parametrize("turn", range(1, 9))
async def test_a_picture_is_turned_as_the_camera_was_held(turn: int):
    exif = Image.Exif()
    exif[0x0112] = turn
    flat = pictures.drawn()
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(turn)
    held = flat if back is None else flat.transpose(Image.Transpose(back))
    out = opened((await rendering.render(pictures.saved(held, exif=exif))).renditions["large"])
    assert out.size == (800, 600)
    assert close(out.getpixel((140, 130)), (250, 210, 80), by=30)  # the sun, top left
    assert close(out.getpixel((400, 590)), GREEN, by=20)


async def test_odd_ways_of_keeping_colours_come_out_right():
    cmyk = opened(
        (await rendering.render(pictures.saved(pictures.drawn(mode="CMYK")))).renditions["large"]
    )
    assert cmyk.mode == "RGB" and close(cmyk.getpixel((700, 30)), BLUE, by=25)
    grey = opened((await rendering.render(pictures.sixteen_bit())).renditions["large"])
    left, middle, right = (grey.getpixel((x, 100)) for x in (3, 150, 296))
    assert close(left, (0, 0, 0)) and close(middle, (128, 128, 128)) and close(right, (255,) * 3)
    clear = Image.new("P", (300, 200), 1)
    clear.putpalette([255, 0, 0, 0, 0, 255])
    clear.paste(0, (0, 0, 150, 200))
    out = opened(
        (await rendering.render(pictures.saved(clear, "PNG", transparency=0))).renditions["large"]
    )
    assert close(out.getpixel((50, 100)), (255, 255, 255)), "clear is white, not red"
    assert close(out.getpixel((250, 100)), (0, 0, 255), by=20)
    for mode in ("1", "L", "LA", "RGBA"):
        assert (
            opened(
                (
                    await rendering.render(pictures.saved(pictures.drawn(mode=mode), "PNG"))
                ).renditions["small"]
            ).mode
            == "RGB"
        )


async def test_colours_of_a_profile_are_applied_before_it_is_dropped():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    broken = await rendering.render(pictures.jpeg(icc_profile=profile))
    assert close(opened(broken.renditions["large"]).getpixel((700, 30)), BLUE), "unusable: ignored"
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = await rendering.render(pictures.jpeg(icc_profile=own))
    assert close(opened(kept.renditions["large"]).getpixel((700, 30)), BLUE)
    assert close(
        opened(
            (await rendering.render(pictures.jpeg(icc_profile=b"junk"))).renditions["large"]
        ).getpixel((700, 30)),
        BLUE,
    )


@pytest.mark.parametrize("format", ["WEBP", "PNG", "MPO"])
async def test_of_several_frames_the_first_is_shown(format: str):
    made = await rendering.render(pictures.animated(format))
    out = opened(made.renditions["large"])
    assert getattr(out, "n_frames", 1) == 1 and close(out.getpixel((9, 9)), (0, 0, 255), by=20)


async def test_a_name_says_nothing_about_what_a_file_is():
    assert (await rendering.render(pictures.jpeg())).width == 800


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", rules.EMPTY),
        (pictures.SVG, rules.NOT_A_PICTURE),
        (pictures.PHP, rules.NOT_A_PICTURE),
        (b"\xff\xd8\xff" + pictures.PHP, rules.NOT_A_PICTURE),
        (b"RIFF\0\0\0\0WEBPVP8 " + pictures.PHP, rules.NOT_A_PICTURE),
        (b"RIFF\0\0\0\0WAVEfmt ", rules.NOT_A_PICTURE),
        (pictures.animated("GIF"), rules.NOT_A_PICTURE),
        (pictures.GIF_BOMB, rules.NOT_A_PICTURE),
        (pictures.saved(pictures.drawn(), "BMP"), rules.NOT_A_PICTURE),
        (pictures.saved(pictures.drawn(), "TIFF"), rules.NOT_A_PICTURE),
        (pictures.saved(pictures.drawn(), "PDF"), rules.NOT_A_PICTURE),
        (pictures.saved(Image.new("RGB", (1, 1)), "PNG"), rules.TOO_SMALL),
        (pictures.jpeg(4000, 20), rules.TOO_SMALL),
        (pictures.png_of(50_000, 50_000), rules.TOO_MANY_PIXELS),
        (pictures.png_of(2**31 - 1, 2**31 - 1), rules.TOO_MANY_PIXELS),
        (pictures.png_of(10_000, 10_000), rules.TOO_MANY_PIXELS),
        (pictures.png_of(8_000, 5_001), rules.TOO_MANY_PIXELS),
        (pictures.png_of(500, 500), rules.DAMAGED),
        (pictures.jpeg()[:3000], rules.DAMAGED),
        (pictures.saved(pictures.drawn(), "PNG")[:1500], rules.DAMAGED),
        (pictures.saved(pictures.drawn(), "WEBP")[:700], rules.DAMAGED),
        (pictures.jpeg() + b"\0" * rules.MOST_BYTES, rules.TOO_LARGE),
    ],
)  # fmt: skip
async def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes, sentence: str):
    began = time.monotonic()
    said = await refused(content)
    # A picture that cannot even be begun is as good as none.
    assert said == sentence or {said, sentence} == {rules.DAMAGED, rules.NOT_A_PICTURE}
    assert time.monotonic() - began < 2


async def test_a_comment_that_unpacks_to_megabytes_is_refused():
    assert await refused(pictures.text_bomb()) in {rules.DAMAGED, rules.NOT_A_PICTURE}


async def test_noise_in_the_middle_never_crashes():
    whole = {format: pictures.saved(pictures.drawn(), format) for format in ("JPEG", "PNG", "WEBP")}
    for content in whole.values():
        for at in range(12, min(len(content), 4000), 61):
            broken = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
            try:
                await rendering.render(broken)
            except Conflict as refusal:
                assert refusal.field == "picture"


async def test_the_loop_stays_free_while_pictures_are_worked_on():
    large = pictures.saved(pictures.drawn(6000, 6000), "PNG", compress_level=1)
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - began)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(rendering.render(large) for _ in range(4)))
    ticking.cancel()
    assert longest < 1.0


async def test_a_queue_that_does_not_move_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendering, "SECONDS", 0.05)
    monkeypatch.setattr(rendering, "re_encode", lambda content: time.sleep(0.4))
    assert await refused(pictures.jpeg(200, 200)) == rules.BUSY
