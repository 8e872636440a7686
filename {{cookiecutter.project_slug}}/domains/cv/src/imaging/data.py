"""From a source to checked images in three parts in ``data/processed``."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .bootstrap import Array
from .config import Config, Dataset
from .errors import DataError
from .files import replacing, write_json
from .images import Images
from .parts import assign
from .paths import Paths
from .sample import CLASSES, POSITIVE, SIZE, make_sample
from .settings import SAMPLE, Provenance
from .sources import PARTS, Raw, patient_of, read_source

MIN_PER_PART = 5  # cases of each kind without which a part says nothing


@dataclass(frozen=True)
class DatasetInfo(Provenance):
    """What is known of the processed data.

    ``split`` is "official", "official test" (validation drawn from its training images) or
    "drawn". ``left_out`` counts images by reason; ``patients`` is None where nobody knows them.
    """

    layout: str
    size: int
    channels: int
    classes: list[str]
    positive: list[str]
    split: str
    patients: int | None
    duplicates: int
    left_out: dict[str, int]
    share_images: bool
    licence: str | None


@dataclass(frozen=True)
class Part:
    """Images (n, size, size, channels), and a table of what is known of each."""

    images: Images
    cases: pd.DataFrame

    @property
    def y(self) -> Array:
        """(n,) 1.0 for a case of the positive class or classes, else 0.0."""
        return self.cases["y"].to_numpy(float)


@dataclass(frozen=True)
class Split:
    """What models learn from, what chooses between them, and what scores the chosen once."""

    train: Part
    validation: Part
    test: Part


def prepare(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write it to ``data/processed``."""
    raw, dataset = load(config, paths)
    cases, info = validate(raw, dataset, config)
    with replacing(paths.processed) as folder:
        folder.mkdir()
        stacks = {part: raw.images[cases["part"] == part] for part in PARTS}
        np.savez_compressed(folder / "images.npz", **stacks)  # type: ignore[arg-type]
        cases[cases["part"].notna()].to_parquet(folder / "cases.parquet", index=False)
        write_json(folder / "dataset.json", asdict(info))
    return [paths.processed / name for name in ("images.npz", "cases.parquet", "dataset.json")]


def load(config: Config, paths: Paths) -> tuple[Raw, Dataset]:
    """Return the images with their labels as they are in the source, and their roles.

    Raises:
        DataError: the source cannot be fetched or read, or holds images that cannot be used.
    """
    if config.dataset == SAMPLE:
        images, cases = make_sample(config.seed)
        roles = Dataset.model_construct(
            layout="folder",
            size=SIZE,
            channels=1,
            classes=CLASSES,
            positive=POSITIVE,
            patient=None,
            share_images=True,
            licence=None,
        )
        sha256 = hashlib.sha256(images.tobytes() + cases.to_csv().encode()).hexdigest()
        return Raw(images, cases.assign(part=None), CLASSES, sha256), roles
    dataset = config.datasets[config.dataset]
    return read_source(config.dataset, dataset, config, paths), dataset


def validate(raw: Raw, dataset: Dataset, config: Config) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the table with every case's part, and what is known of the data.

    Cases that are left out have no part.

    Raises:
        DataError: a part would lack cases of either kind, or names tell no patient.
    """
    where = f"data set {config.dataset!r}"
    cases = raw.cases.assign(
        y=raw.cases["class"].isin(dataset.positive).astype("int8"),
        brightness=raw.images.reshape(len(raw.images), -1).mean(axis=1) / 255,
    )
    if "patient" not in cases:
        cases["patient"] = _patients(cases["id"], dataset.patient, where)
    pixels = [hashlib.sha256(image.tobytes()).hexdigest() for image in raw.images]
    _check_classes(cases, where)
    parts, split, left_out = assign(cases, pixels, config)
    cases["part"] = parts
    _check_parts(cases, split, where)
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=int(cases["part"].notna().sum()),
        sha256=raw.sha256,
        layout=dataset.layout,
        size=dataset.size,
        channels=dataset.channels,
        classes=list(raw.classes),
        positive=list(dataset.positive),
        split=split,
        patients=None if cases["patient"].isna().all() else int(cases["patient"].nunique()),
        duplicates=len(pixels) - len(set(pixels)),
        left_out=raw.left_out | left_out,
        share_images=dataset.share_images,
        licence=dataset.licence,
    )
    return cases, info


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``prepare`` wrote.

    Raises:
        DataError: the data stage has not run.
    """
    try:
        info = DatasetInfo.read(paths.processed)
        cases = pd.read_parquet(paths.processed / "cases.parquet")
        with np.load(paths.processed / "images.npz") as stacks:
            images = {part: stacks[part] for part in PARTS}
    except FileNotFoundError as error:
        raise DataError(
            f"no processed data in {paths.processed}: run the `data` stage first"
        ) from error
    tables = {part: cases[cases["part"] == part].reset_index(drop=True) for part in PARTS}
    return Split(*[Part(images[part], tables[part]) for part in PARTS]), info


def _patients(ids: pd.Series, pattern: str | None, where: str) -> pd.Series:
    """The patient of each image, None where no pattern is set."""
    if pattern is None:
        return pd.Series([None] * len(ids), index=ids.index, dtype=object)
    found = ids.map(lambda name: patient_of(name, pattern))
    if found.isna().any():
        raise DataError(
            f"{where}: the name {ids[found.isna()].iloc[0]!r} tells no patient "
            f"({found.isna().sum()} such image(s)). Correct `patient`: {pattern!r} must match "
            "every name below the folder of its class."
        )
    return found


def _check_classes(cases: pd.DataFrame, where: str) -> None:
    counts = cases["y"].value_counts().reindex([0, 1], fill_value=0)
    if counts.min() < 3 * MIN_PER_PART:
        raise DataError(
            f"{where}: {counts[1]} positive and {counts[0]} other images; expected at least "
            f"{3 * MIN_PER_PART} of each. Add images, or correct `positive`."
        )


def _check_parts(cases: pd.DataFrame, split: str, where: str) -> None:
    remedy = ", or change `split` in config.yaml" if split == "drawn" else " to the source"
    for part in PARTS:
        here = cases.loc[cases["part"] == part, "y"]
        counts = here.value_counts().reindex([0, 1], fill_value=0)
        if counts.min() < MIN_PER_PART:
            raise DataError(
                f"{where}: the {part} part has {counts[1]} positive and {counts[0]} other "
                f"images; expected at least {MIN_PER_PART} of each. Add images{remedy}."
            )
