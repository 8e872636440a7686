"""From the bytes of a file to the numbers that a model takes: one way for training and serving."""

import io
import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from .kit import DataError

FORMATS = ("PNG", "JPEG")
MIN_SIDE = 8  # smaller than this, nothing can be seen
GREY_16_BIT = ("I", "I;16", "I;16B")
OTHERS = {
    " but a TIFF, which `magick mogrify -format png *.tif` converts": rb"II\*\0|MM\0\*",
    " but a DICOM, which `dcm2img` of DCMTK converts": rb".{128}DICM",
}

Image.MAX_IMAGE_PIXELS = None  # ours is the limit that counts, with an error that names it

Images = NDArray[np.uint8]  # (n, height, width, channels)
Problem = Literal["type", "size", "broken"]


class ImageError(DataError):
    """An image that cannot be used; ``kind`` says whether by its type, size or content."""

    def __init__(self, kind: Problem, message: str) -> None:
        super().__init__(message)
        self.kind: Problem = kind


def read_image(content: bytes, pixels: int) -> Image.Image:
    """Decode a PNG or JPEG of at most ``pixels`` pixels and turn it as its camera says.

    The size is taken from the file's head and checked before anything is unpacked: a few kilobytes
    can hold a picture of gigabytes.

    An ImageError says that it is of another type, too large or small, animated, or damaged.
    """
    if not content:
        raise ImageError("broken", "the file is empty: expected a PNG or JPEG image")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        kinds = [name for name, head in OTHERS.items() if re.match(head, content, re.DOTALL)]
        raise ImageError("type", f"not a PNG or JPEG image{''.join(kinds)}: save it so") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("broken", f"the image is damaged: {error}") from error
    width, height = image.size
    found = f"the image has {width} x {height} pixels"
    if width * height > pixels:
        raise ImageError("size", f"{found}: expected at most {pixels:,} in all")
    if min(width, height) < MIN_SIDE:
        raise ImageError("broken", f"{found}: expected {MIN_SIDE} a side or more")
    # Telephones write a second, small or large, picture behind the first ("MPO").
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise ImageError("broken", "the image is animated or holds several pictures: expected one")
    try:
        image.load()
        image.getexif()  # is remembered: Pillow fails where it writes what cameras noted wrongly
        for notes in ("exif", "Raw profile type exif"):
            image.info.pop(notes, None)
        return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("broken", f"the image is damaged or cut off: {error}") from error


def to_array(image: Image.Image, size: int, channels: int, bits: int = 16) -> NDArray[np.uint8]:
    """Bring an image to (``size``, ``size``, ``channels``); what is wider or higher is squeezed.

    Transparent places become black; deep grey values, of which ``bits`` are used, become bytes.
    """
    if image.mode in GREY_16_BIT:
        deep = np.asarray(image, dtype=np.uint32) >> (bits - 8)
        image = Image.fromarray(np.minimum(deep, 255).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        colours = image.convert("RGBA")
        ground = Image.new("RGBA", colours.size, (0, 0, 0, 255))
        image = Image.alpha_composite(ground, colours)
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        # Pillow widens the filter where it shrinks an image, so that no pixel is skipped.
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.uint8).reshape(size, size, channels)


def light(image: NDArray[np.uint8]) -> dict[str, float]:
    """Mean and spread of all pixels, 0 black to 1 white: of a person they tell nothing."""
    return {"brightness": float(image.mean()) / 255, "contrast": float(image.std()) / 255}


def normalise(images: Images, mean: list[float], std: list[float]) -> NDArray[np.float32]:
    """Standardise bytes (n, height, width, channels) by channel: (n, channels, height, width)."""
    middle, spread = np.array(mean, dtype=np.float32), np.array(std, dtype=np.float32)
    scaled = (np.asarray(images, dtype=np.float32) / 255 - middle) / spread
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def to_png(array: NDArray[np.uint8]) -> bytes:
    """Encode (height, width) or (height, width, 1 or 3) as PNG."""
    content = io.BytesIO()
    Image.fromarray(array.squeeze()).save(content, format="PNG")
    return content.getvalue()
