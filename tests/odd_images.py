"""Write labelled colour photographs into folders; runs in a project that has Pillow.

python odd_images.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

# How much of red and green each class has: two of them are what is looked for.
CLASSES = {"Gesund": (0.2, 0.6), "früh": (0.5, 0.4), "spät": (0.8, 0.2)}
PATIENTS = 24  # of each class, with two images each


def main(folder: Path) -> None:
    """Half as many patients for the test as for training; PNG and JPEG, upright and not."""
    rng = np.random.default_rng(0)
    for name, (red, green) in CLASSES.items():
        for patient in range(PATIENTS):
            part = folder / ("test" if patient % 3 == 0 else "train") / name
            part.mkdir(parents=True, exist_ok=True)
            for number in range(2):
                shape = (40, 30 + 10 * number, 3)
                pixels = rng.normal([255 * red, 255 * green, 100], 60, shape).clip(0, 255)
                kind = "png" if number else "jpg"
                file = part / f"Akte {name}-{patient:03} ({number}).{kind}"
                Image.fromarray(pixels.astype(np.uint8)).save(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
