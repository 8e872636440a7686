"""Pictures for the web in several widths, and the card that is shown where a page is shared."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageColor, ImageOps, UnidentifiedImageError

from portfolio.errors import UserError

WIDTHS = (480, 960, 1600)
QUALITY = 82
CARD = (1200, 630)  # what LinkedIn, X and others show beside a link
EDGE, GAP, GROUND = 40, 24, "#eef1f4"
SHOWN_IN_CARD = 4


@dataclass(frozen=True)
class Picture:
    """A picture in the site: `sizes` are its files by their width in pixels, ascending."""

    sizes: dict[int, str]
    width: int
    height: int


def publish(source: Path, folder: Path) -> Picture:
    """Write a picture into `folder` in the widths that it has; a file that is there stays.

    Raises:
        UserError: it is no picture that can be read.
    """
    name, image = _read(source)
    widths = [width for width in WIDTHS if width < image.width]
    sizes = {}
    for width in [*widths, image.width] if image.width <= WIDTHS[-1] else widths:
        sizes[width] = f"{name}-{width}.webp"
        if not (folder / sizes[width]).is_file():
            height = max(1, round(image.height * width / image.width))
            smaller = image if width == image.width else image.resize((width, height))
            smaller.save(folder / sizes[width], "WEBP", quality=QUALITY)
    return Picture(sizes, image.width, image.height)


def card(sources: list[Path], folder: Path) -> str:
    """Write a card of up to four pictures into `folder`, and return the file's name.

    Raises:
        UserError: one of them is no picture that can be read.
    """
    read = [_read(source) for source in sources[:SHOWN_IN_CARD]]
    marks = "".join(name for name, _ in read).encode()
    name = f"card-{hashlib.sha256(marks).hexdigest()[:12]}.jpg"
    if not (folder / name).is_file():
        _card([image for _, image in read]).save(folder / name, quality=QUALITY, optimize=True)
    return name


def _card(images: list[Image.Image]) -> Image.Image:
    """The pictures on a quiet ground: alone, beside each other, or in two rows."""
    whole = Image.new("RGB", CARD, ImageColor.getrgb(GROUND))
    columns = 1 if len(images) == 1 else 2
    lines = -(-len(images) // columns)
    width = (CARD[0] - 2 * EDGE - (columns - 1) * GAP) // columns
    height = (CARD[1] - 2 * EDGE - (lines - 1) * GAP) // lines
    for number, image in enumerate(images):
        line, column = divmod(number, columns)
        fitted = ImageOps.contain(image, (width, height))
        left = EDGE + column * (width + GAP) + (width - fitted.width) // 2
        top = EDGE + line * (height + GAP) + (height - fitted.height) // 2
        whole.paste(fitted, (left, top))
    return whole


def _read(source: Path) -> tuple[str, Image.Image]:
    """A name that changes with the picture, and the picture without transparency."""
    try:
        content = source.read_bytes()
        with Image.open(source) as image:
            image = ImageOps.exif_transpose(image).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise UserError(f"{source}: no picture that can be read ({error}).") from error
    ground = Image.new("RGBA", image.size, "white")
    stem = re.sub(r"[^\w-]+", "-", source.stem, flags=re.ASCII)
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}"
    return name, Image.alpha_composite(ground, image).convert("RGB")
