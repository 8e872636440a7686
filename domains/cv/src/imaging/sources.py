"""Reading labelled images from folders, zips and NumPy archives, with all that is wrong at once."""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from .config import Dataset
from .images import GREY_16_BIT, ImageError, Images, read_image, to_array
from .kit import DataError
from .kit.download import fetch
from .kit.files import Paths

PART_NAMES = dict.fromkeys(("train", "training"), "train")
PART_NAMES |= dict.fromkeys(("val", "valid", "validation", "dev"), "validation")
PART_NAMES |= dict.fromkeys(("test", "testing"), "test")
MASKS = {"mask", "masks", "segmentation", "segmentations", "annotations"}  # folders beside images
MASK = re.compile(r"[ _-](mask|seg|segmentation)$", re.IGNORECASE)  # as in case1_mask.png
DEEP = 14  # bits; 16-bit images of fewer would be dark
IGNORED = (".DS_Store", "Thumbs.db", "desktop.ini")
BROKEN = (OSError, RuntimeError, zipfile.BadZipFile, zlib.error)  # RuntimeError: encrypted
SHOWN = 20  # problems named in one error

Folder = Path | zipfile.Path  # both have the same few methods that reading needs


@dataclass(frozen=True)
class Raw:
    """Images (n, size, size, channels) as read; a table with ``id``, ``class`` and ``part``.

    ``part`` is None without a split of its own. ``unused`` counts files outside class folders.
    """

    images: Images
    cases: pd.DataFrame
    classes: tuple[str, ...]
    sha256: str
    unused: int = 0


def read_source(name: str, dataset: Dataset, pixels: int, paths: Paths) -> Raw:
    """Fetch and read the data set called ``name``; ``pixels`` is the most that an image may have.

    A DataError says that it cannot be fetched or read, and names all images that cannot be used.
    """
    read = _read_npz if dataset.layout == "npz" else _read_folder
    return read(f"data set {name!r}", dataset, pixels, paths)


def _read_folder(where: str, dataset: Dataset, pixels: int, paths: Paths) -> Raw:
    root = _open_folder(dataset, paths)
    found = list(_labelled_files(where, root, dataset.classes))
    classes = dataset.classes or tuple(sorted({label for _, label, _, _ in found}))
    files = [entry for entry in found if entry[1] in classes]
    if missing := set(dataset.positive) - {label for _, label, _, _ in files}:
        raise DataError(
            f"{where}: no files of {sorted(missing)[0]!r}, which `positive` names; found the "
            f"subfolders {', '.join(classes) or 'none'}. Correct `positive`, or let `path` (in a "
            "zip: `member`) name the folder of one subfolder a class, or of train and test."
        )
    images, rows, problems, brightest = [], [], [], 0
    checksum = hashlib.sha256()
    for part, label, name, file in tqdm(files, desc="reading images", delay=2, leave=False):
        try:
            digest = hashlib.sha256(content := file.read_bytes()).hexdigest()
            checksum.update(f"{part}/{label}/{name}:{digest}\n".encode())
            image = read_image(content, pixels)
            if image.mode in GREY_16_BIT:
                brightest = max(brightest, int(np.asarray(image).max()))
            images.append(to_array(image, dataset.size, dataset.channels, dataset.bits or 16))
        except (*BROKEN, ImageError) as error:
            what = error if isinstance(error, ImageError) else f"cannot be read: {error}"
            problems.append(f"{'/'.join(filter(None, (part, label, name)))}: {what}")
        rows.append({"id": name, "class": label, "part": PART_NAMES.get(part.lower())})
    if problems:
        more = [f"… and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        shown = "\n  ".join(problems[:SHOWN] + more)
        why = f"{where}: {len(problems)} image(s) cannot be used:\n  {shown}"
        raise DataError(f"{why}\nRepair or remove them, and run the command again.")
    if dataset.bits is None and 0 < brightest < 2**DEEP:
        raise DataError(
            f"{where}: the brightest pixel of its 16-bit images is {brightest}, so that they would "
            f"be dark. Say how many bits are used: `bits: {max(brightest.bit_length(), 8)}`."
        )
    cases, unused = pd.DataFrame(rows), len(list(_files(root, ""))) - len(files)
    return Raw(np.stack(images), cases, classes, checksum.hexdigest(), unused)


def _open_folder(dataset: Dataset, paths: Paths) -> Folder:
    """The folder that holds the classes: on this machine, or inside a zip."""
    if dataset.path and (paths.root / dataset.path.expanduser()).is_dir():
        root: Folder = paths.root / dataset.path.expanduser()
        if dataset.sha256 or dataset.md5:
            raise DataError(f"{root} is a folder, but a checksum is of one file: remove it, or zip")
    else:
        archive = fetch(dataset.model_copy(update={"member": None}), paths)
        if not zipfile.is_zipfile(archive):
            raise DataError(f"{archive} is neither a folder nor a zip: expected one of them")
        root = zipfile.Path(archive)
    if dataset.member:
        root = root / dataset.member
        if not root.is_dir():
            raise DataError(f"{root} is no folder: correct `member` for this data set")
    return root


def _labelled_files(
    where: str, root: Folder, classes: tuple[str, ...]
) -> Iterator[tuple[str, str, str, Folder]]:
    """Part ("" without), class, name below the class's folder, and file; in alphabetical order."""
    found = {folder.name: folder for folder in _sorted(root) if folder.is_dir()}
    parts = {name: found[name] for part in PART_NAMES for name in found if name.lower() == part}
    if parts and not {"train", "test"} <= {PART_NAMES[name.lower()] for name in parts}:
        raise DataError(f"{where}: found {', '.join(parts)}; expected both train and test")
    for part, folder in (parts or {"": root}).items():
        folders = {entry.name: entry for entry in _sorted(folder) if entry.is_dir()}
        labels = {name: it for name, it in folders.items() if classes or name.lower() not in MASKS}
        for label in dict.fromkeys([*classes, *labels]):
            if label not in labels:
                have = ", ".join(labels) or "no subfolder"
                raise DataError(
                    f"{where}: {folder} has no subfolder {label!r}; found {have}. "
                    "Expected one subfolder a class: correct `classes` for this data set."
                )
            files = dict(_files(labels[label], ""))
            for name, file in files.items():
                if not _is_mask(name, files):
                    yield part, label, name, file


def _is_mask(name: str, names: Collection[str]) -> bool:
    """Whether a file only outlines something in a picture: by its folder, or its name."""
    path = PurePosixPath(name)
    picture = str(path.with_stem(MASK.sub("", path.stem) or path.stem))
    beside = picture != name and picture in names
    return beside or any(folder.lower() in MASKS for folder in path.parts[:-1])


def _files(folder: Folder, below: str) -> Iterator[tuple[str, Folder]]:
    for entry in _sorted(folder):
        if entry.is_dir():
            yield from _files(entry, f"{below}{entry.name}/")
        elif entry.name not in IGNORED:
            # Reports are UTF-8; a name that is not can still be told from others.
            yield below + entry.name.encode("utf-8", "backslashreplace").decode(), entry


def _sorted(folder: Folder) -> list[Folder]:
    visible = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    return sorted(visible, key=lambda entry: entry.name)


def _read_npz(where: str, dataset: Dataset, pixels: int, paths: Paths) -> Raw:
    file = fetch(dataset, paths)
    arrays = _arrays(file)
    stacks = {part: f"{key}_" for key, part in PART_NAMES.items() if f"{key}_images" in arrays}
    if not stacks and "images" in arrays:
        stacks = {"": ""}
    if "" not in stacks and not {"train", "test"} <= stacks.keys():
        raise DataError(
            f"{file} has the arrays {', '.join(arrays) or 'none'}; expected images and labels, or "
            "train_images, train_labels, test_images and test_labels"
        )
    images, tables = [], []
    for part, prefix in stacks.items():
        here = f"{where}, array {prefix}"
        stack = _stack(f"{here}images", arrays[f"{prefix}images"], dataset, pixels)
        numbers = arrays.get(f"{prefix}labels")
        labels = _labels(f"{here}labels", numbers, len(stack), dataset.classes)
        images.append(stack)
        ids = [f"{prefix.rstrip('_')} {row}".strip() for row in range(len(stack))]
        tables.append(pd.DataFrame({"id": ids, "class": labels, "part": part or None}))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    cases = pd.concat(tables, ignore_index=True)
    return Raw(np.concatenate(images), cases, dataset.classes, sha256)


def _arrays(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name]) for name in archive.files}
    except (*BROKEN, ValueError, EOFError, AttributeError, TypeError, MemoryError) as error:
        raise DataError(
            f"{file} cannot be read as a NumPy archive: {error}. Expected an .npz of numbers; "
            "correct `layout`, or download it again."
        ) from error


def _stack(where: str, stack: np.ndarray, dataset: Dataset, pixels: int) -> Images:
    """Check an array of images and bring each to the data set's size and channels."""
    pictures = stack.ndim == 3 or (stack.ndim == 4 and stack.shape[3] in (1, 3))
    usable = pictures and stack.size > 0 and stack.shape[1] * stack.shape[2] <= pixels
    if stack.dtype != np.uint8 or not usable:
        raise DataError(
            f"{where} holds {stack.dtype} of the shape {stack.shape}: expected bytes (uint8) of "
            "(images, height, width) for grey or (images, height, width, 3), at least one image, "
            f"and at most {pixels:,} pixels in each (`limits.pixels`)"
        )
    if stack.ndim == 4 and stack.shape[3] == 1:
        stack = stack[..., 0]
    size, channels = dataset.size, dataset.channels
    return np.stack([to_array(Image.fromarray(image), size, channels) for image in stack])


def _labels(where: str, codes: np.ndarray | None, rows: int, classes: tuple[str, ...]) -> list[str]:
    """The class of each image, from its number."""
    if codes is None or codes.size != rows or codes.dtype.kind not in "iub":
        found = "no values" if codes is None else f"{codes.size} values of type {codes.dtype}"
        raise DataError(
            f"{where} has {found} for {rows} images: expected one whole number an image, as "
            "several labels an image are not supported"
        )
    numbers = codes.reshape(-1).astype(int)
    wrong = np.flatnonzero((numbers < 0) | (numbers >= len(classes)))
    if len(wrong):
        raise DataError(
            f"{where}, row {wrong[0] + 1}: class {numbers[wrong[0]]} ({len(wrong)} such row(s)); "
            f"expected 0 to {len(classes) - 1}, as `classes` names {len(classes)}"
        )
    return [classes[number] for number in numbers]
