"""Made-up chest films, some with an opacity at a place and of a size that we know.

The truth is written down here, so that tests can check that model and explanation find it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .config import Dataset, Rule

CASES = 1_500
SIZE = 32
CLASSES = ("clear", "opacity")
ROLES = Dataset(
    path=Path("src/imaging/sample.py"),
    layout="folder",
    size=SIZE,
    positive=("opacity",),
    share_images=True,
    rule=Rule(name="referring films that are bright on the whole", brighter_than=0.5),
)
POSITIVE_SHARE = 0.4
MARKER_SHARE = 0.5  # films with a letter in a corner, ill or not: it must not matter
DIAMETERS = (9.0, 16.0)  # pixels
STRENGTH = (0.1, 0.4)  # how much brighter the middle of an opacity is
MOTTLING = 0.5  # share by which it varies from pixel to pixel
TILT = 10.0  # degrees, at most
SHIFT = 0.08  # share of the side by which a body is off the middle, at most
AIR = (0.26, 0.4)  # how dark a lung is: its own, so that shade alone says nothing
VISITS = (1, 2, 3)  # films of one patient

LUNGS = ((0.52, 0.29, 0.30, 0.155), (0.52, 0.71, 0.30, 0.155))  # row, column, half height and width
HEART = (0.66, 0.55, 0.15, 0.12)

Film = NDArray[np.float64]  # (SIZE, SIZE), 0 black to 1 white
# What all films of one patient have in common: lungs, heart, and where the ribs begin.
Body = tuple[NDArray[np.float64], NDArray[np.float64], float]
# How it stands on one film: turned by radians, moved down and across by shares of the side.
Pose = tuple[float, float, float]


def make_sample(seed: int) -> tuple[NDArray[np.uint8], pd.DataFrame]:
    """Return films (``CASES``, ``SIZE``, ``SIZE``, 1) and what is true of each; same seed, same.

    The table has ``id``, ``class``, ``patient``; ``row``, ``column`` and ``diameter`` of the
    opacity in pixels (diameter 0 and no place where there is none); ``marker_row`` and
    ``marker_column`` of the letter.
    """
    rng = np.random.default_rng(seed)
    films: list[Film] = []
    rows: list[dict[str, Any]] = []
    while len(films) < CASES:
        lungs, heart = np.array(LUNGS) * rng.normal(1, 0.06, (2, 4)), np.array(HEART)
        body = lungs, heart * rng.normal(1, 0.05, 4), rng.uniform(0, 1)
        patient = f"P{len(rows):04d}"
        for _ in range(min(rng.choice(VISITS), CASES - len(films))):
            film, truth = _case(rng, body)
            films.append(film)
            rows.append({"id": f"film{len(rows):04d}.png", "patient": patient, **truth})
    images = (np.stack(films) * 255).round().astype(np.uint8)
    return images[..., np.newaxis], pd.DataFrame(rows)


def _case(rng: np.random.Generator, body: Body) -> tuple[Film, dict[str, Any]]:
    """One film: anatomy, perhaps an opacity, tilt, exposure, perhaps a marker, noise."""
    pose = np.radians(rng.uniform(-TILT, TILT)), *rng.uniform(-SHIFT, SHIFT, 2)
    film = _chest(body, pose, rng.uniform(*AIR, 2))
    ill = rng.random() < POSITIVE_SHARE
    truth: dict[str, Any] = {"class": CLASSES[int(ill)], "diameter": 0.0}
    truth |= dict.fromkeys(("row", "column", "marker_row", "marker_column"), np.nan)
    if ill:
        film, finding = _with_opacity(rng, film, body, pose)
        truth |= finding
    film = film * rng.uniform(0.75, 1.2) + rng.uniform(-0.06, 0.1)
    if rng.random() < MARKER_SHARE:
        film, marker = _with_marker(rng, film)
        truth |= marker
    return np.clip(film + rng.normal(0, 0.035, film.shape), 0, 1), truth


def _chest(body: Body, pose: Pose, air: NDArray[np.float64]) -> Film:
    """A bright trunk, two dark lungs crossed by ribs, and the heart between them."""
    (lungs, heart, begin), (rows, columns) = body, _places(pose)
    film = 0.08 + 0.52 * _edge(1 - ((columns - 0.5) / 0.47) ** 4 - ((rows - 0.55) / 0.62) ** 4)
    ribs = 0.05 * np.sin(2 * np.pi * (7 * rows + 2.2 * np.abs(columns - 0.5) + begin))
    for lung, darkness in zip(lungs, air, strict=True):
        film += _ellipse(rows, columns, lung) * (ribs - darkness)
    inside = _ellipse(rows, columns, heart)
    return (1 - inside) * film + 0.72 * inside


def _with_opacity(
    rng: np.random.Generator, film: Film, body: Body, pose: Pose
) -> tuple[Film, dict[str, float]]:
    """Add a cloudy bright patch inside one lung."""
    row, column, height, width = body[0][rng.integers(2)]
    turn, reach = rng.uniform(0, 2 * np.pi), 0.75 * np.sqrt(rng.random())
    row, column = row + reach * height * np.sin(turn), column + reach * width * np.cos(turn)
    diameter = rng.uniform(*DIAMETERS)
    rows, columns = _places(pose)
    distance = np.hypot(rows - row, columns - column) * SIZE
    # A bell that has fallen to a seventh at the rim: what lies beyond cannot be seen.
    patch = np.exp(-2 * (2 * distance / diameter) ** 2)
    # Mottled, as no healthy part is: brightness alone would make it look like the body's wall.
    strength = rng.uniform(*STRENGTH) * (1 + rng.normal(0, MOTTLING, film.shape))
    place = np.array(_turned(row, column, -pose[0])) + pose[1:]
    found = dict(zip(("row", "column"), place * SIZE - 0.5, strict=True))
    return film + strength * patch, {**found, "diameter": diameter}


def _with_marker(rng: np.random.Generator, film: Film) -> tuple[Film, dict[str, float]]:
    """Put a white letter in an upper corner, as films have to tell left from right."""
    row, column = int(rng.integers(1, 3)), int(rng.choice([1, SIZE - 5]))
    letter = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 1]], dtype=float)
    marked = film.copy()
    part = marked[row : row + 4, column : column + 3]
    part[:] = np.maximum(part, 0.95 * letter)
    return marked, {"marker_row": row + 1.5, "marker_column": column + 1.0}


def _places(pose: Pose) -> tuple[Film, Film]:
    """Row and column, 0 to 1, that each pixel shows of a body that stands straight."""
    side = (np.arange(SIZE) + 0.5) / SIZE
    rows, columns = np.meshgrid(side - pose[1], side - pose[2], indexing="ij")
    return _turned(rows, columns, pose[0])


def _turned(row: Any, column: Any, angle: float) -> tuple[Any, Any]:
    cos, sin = np.cos(angle), np.sin(angle)
    down, across = row - 0.5, column - 0.5
    return 0.5 + cos * down - sin * across, 0.5 + sin * down + cos * across


def _ellipse(rows: Film, columns: Film, shape: NDArray[np.float64]) -> Film:
    """1 in the middle, 0.5 on the rim, 0 outside."""
    row, column, height, width = shape
    return _edge(1 - ((rows - row) / height) ** 2 - ((columns - column) / width) ** 2)


def _edge(inside: Film) -> Film:
    """From 0 outside to 1 inside, over a soft rim."""
    return 1 / (1 + np.exp(-np.clip(12 * inside, -30, 30)))
