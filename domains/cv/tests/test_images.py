"""Images: what is read, what is refused and why, and the same numbers everywhere."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from imaging.images import ImageError, normalise, read_image, to_array

PIXELS = 10_000


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, format=kind, **options)
    return content.getvalue()


def gradient(mode: str = "L") -> Image.Image:
    side = np.arange(32, dtype=np.uint8) * 8
    return Image.fromarray(np.tile(side, (32, 1))).convert(mode)


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8))


def bomb(side: int) -> bytes:
    """A PNG of a few hundred bytes that says it has ``side`` x ``side`` pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1_000))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_png_and_jpeg_are_read(kind: str, mode: str):
    array = to_array(read_image(encoded(gradient(mode), kind, quality=95), PIXELS), 32, 1)
    assert array.shape == (32, 32, 1)
    assert array[5, :, 0] == pytest.approx(np.arange(32) * 8, abs=6)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"", "broken", "is empty"),
        (b"just a note", "type", "not a PNG or JPEG"),
        (b"%PDF-1.7", "type", "not a PNG or JPEG"),
        (encoded(gradient(), "GIF"), "type", "not a PNG or JPEG"),
        (encoded(gradient(), "TIFF"), "type", "but a TIFF, which `magick"),
        (bytes(128) + b"DICM and so on", "type", "but a DICOM, which `dcm2img`"),
        (encoded(noise())[:500], "broken", "damaged or cut off"),
        (encoded(noise(), "JPEG")[:300], "broken", "damaged"),
        (encoded(noise(), "JPEG")[:-200], "broken", "damaged or cut off"),
        (encoded(Image.new("L", (101, 100))), "size", "101 x 100 pixels: expected at most 10,000"),
        (bomb(5_000), "size", "5000 x 5000 pixels"),
        (bomb(60_000), "size", "60000 x 60000 pixels: expected at most 10,000"),
        (encoded(Image.new("L", (7, 50))), "broken", "7 x 50 pixels: expected 8 a side"),
        (encoded(gradient(), save_all=True, append_images=[noise()]), "broken", "animated"),
    ],
)
def test_what_cannot_be_used_is_refused_by_kind(content: bytes, kind: str, words: str):
    with pytest.raises(ImageError, match=words) as error:
        read_image(content, PIXELS)
    assert error.value.kind == kind


def test_image_is_turned_as_the_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter, clockwise
    turned = read_image(encoded(gradient(), "JPEG", exif=exif, quality=95), PIXELS)
    array = to_array(turned, 32, 1)[:, :, 0].astype(int)
    assert np.ptp(array.mean(axis=1)) > 200 > 20 > np.ptp(array.mean(axis=0))


def test_deep_grey_is_scaled_and_transparency_is_black():
    deep = Image.fromarray((np.arange(1_024, dtype=np.uint16) * 64).reshape(32, 32))
    array = to_array(read_image(encoded(deep), PIXELS), 32, 1)
    assert array[-1, -1, 0] == 1_023 * 64 // 256
    clear = Image.new("RGBA", (32, 32), (255, 255, 255, 0))
    assert not to_array(read_image(encoded(clear), PIXELS), 32, 3).any()
    palette = gradient("P")
    assert to_array(read_image(encoded(palette), PIXELS), 32, 3).shape == (32, 32, 3)


def test_every_pixel_counts_when_an_image_shrinks():
    fine = np.zeros((96, 96), dtype=np.uint8)
    fine[::3, ::3] = 255  # between the pixels that plain picking would take
    fine = np.roll(fine, 1, axis=(0, 1))
    array = to_array(Image.fromarray(fine), 32, 1)
    assert array[4:-4, 4:-4].mean() == pytest.approx(255 / 9, abs=3)
    assert array[4:-4, 4:-4].std() < 5


def test_pixels_are_standardised_by_channel():
    images = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    images[..., 2] = 255
    found = normalise(images, [0.0, 0.5, 0.5], [1.0, 0.5, 0.25])
    assert (found.shape, found.dtype) == ((2, 3, 4, 4), np.float32)
    assert found[0, :, 0, 0].tolist() == [0, -1, 2]
    images[1, 0, 3] = 255  # the first row, not the first column
    assert normalise(images, [0.0] * 3, [1.0] * 3)[1, :, 0, 3].tolist() == [1, 1, 1]
