"""From a source to checked images in three parts; no patient and no copy is on two sides."""

import hashlib
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from . import sample
from .config import Config, Dataset
from .images import Images
from .kit import DataError
from .kit.files import Paths, read_json, replacing, write_json
from .kit.intervals import Array
from .kit.settings import SAMPLE
from .kit.store import SCHEMA, require_whole, seal
from .kit.tables import keep_aside
from .sources import Raw, read_source

PARTS = ("train", "validation", "test")
MIN_PER_PART = 5  # cases of each kind without which a part says nothing
ROLES = {"licence", "size", "channels", "bits", "positive", "share_images", "rule"}  # as they are
MIN_VALIDATION = 20  # of each kind; official validation parts of fewer cannot choose anything


@dataclass(frozen=True)
class DatasetInfo:
    """What later stages are told of the data.

    ``split`` is "official", "official test" (validation drawn from its training images) or
    "drawn"; ``patients`` is None where nobody knows them; ``sha256`` is that of the source.
    """

    name: str
    synthetic: bool
    rows: int
    sha256: str
    licence: str | None
    size: int
    channels: int
    bits: int | None
    classes: list[str]
    positive: list[str]
    split: str
    patients: int | None
    duplicates: int
    left_out: int
    share_images: bool
    rule: dict[str, Any] | None

    @property
    def summary(self) -> dict[str, Any]:
        """What every report says of the data behind it."""
        keys = ("name", "synthetic", "rows", "sha256", "licence")
        return {key: getattr(self, key) for key in keys}


@dataclass(frozen=True)
class Part:
    """Images (n, size, size, channels), and a table of what is known of each."""

    images: Images
    cases: pd.DataFrame

    @property
    def y(self) -> Array:
        """(n,) 1.0 for a case of the positive class or classes, else 0.0."""
        return self.cases["y"].to_numpy(float)


class Split(NamedTuple):
    """What models learn from, what chooses between them, and what is used for no choice."""

    train: Part
    validation: Part
    test: Part


def run(config: Config, paths: Paths) -> list[Path]:
    """Load, validate and split the configured data set; write it to ``data/processed``."""
    raw, dataset = load(config, paths)
    cases, info = validate(raw, dataset, config)
    kept = cases["part"].notna().to_numpy()
    files = [paths.processed / name for name in ("images.npz", "cases.parquet", "dataset.json")]
    with replacing(files[0]) as images, replacing(files[1]) as table:
        np.savez_compressed(images, images=raw.images[kept])
        cases[kept].to_parquet(table, index=False)
    write_json(files[2], asdict(info))
    seal(paths.processed)
    report = paths.reports / "data.json"
    return [*files, write_json(report, receipt(raw, cases, dataset, info))]


def load(config: Config, paths: Paths) -> tuple[Raw, Dataset]:
    """Return the images with their labels as they are in the source, and their roles."""
    if config.dataset != SAMPLE:
        dataset = config.datasets[config.dataset]
        return read_source(config.dataset, dataset, config.limits.pixels, paths), dataset
    images, cases = sample.make_sample(config.seed)
    sha256 = hashlib.sha256(images.tobytes() + cases.to_csv().encode()).hexdigest()
    return Raw(images, cases.assign(part=None), sample.CLASSES, sha256), sample.ROLES


def validate(raw: Raw, dataset: Dataset, config: Config) -> tuple[pd.DataFrame, DatasetInfo]:
    """Return the table with every case's part (none where left out), and what is known of it.

    A DataError says that a part would lack cases of either kind, or names tell no patient.
    """
    where = f"data set {config.dataset!r}"
    cases = raw.cases.assign(
        y=raw.cases["class"].isin(dataset.positive).astype("int8"),
        brightness=raw.images.reshape(len(raw.images), -1).mean(axis=1) / 255,
    )
    if "patient" not in cases:
        cases["patient"] = _patients(cases["id"], dataset.patient, where)
    pixels = [hashlib.sha256(image.tobytes()).hexdigest() for image in raw.images]
    _refuse_contradictions(cases, pixels, where)
    _require_both(cases["y"], 3 * MIN_PER_PART, where)
    cases["part"], split = assign(cases, pixels, config)
    for part in PARTS:
        _require_both(cases.loc[cases["part"] == part, "y"], MIN_PER_PART, f"{where}, {part} part")
    info = DatasetInfo(
        name=config.dataset,
        synthetic=config.dataset == SAMPLE,
        rows=int(cases["part"].notna().sum()),
        sha256=raw.sha256,
        classes=list(raw.classes),
        split=split,
        patients=int(cases["patient"].nunique()) or None,
        duplicates=len(pixels) - len(set(pixels)),
        left_out=raw.unused + int(cases["part"].isna().sum()),
        **dataset.model_dump(mode="json", include=ROLES),
    )
    return cases, info


def receipt(raw: Raw, cases: pd.DataFrame, dataset: Dataset, info: DatasetInfo) -> dict[str, Any]:
    """What was read, kept and left out, and what each class was taken for."""
    left_out = {
        "a mask, or in no folder of a class that is used": raw.unused,
        "also in a later part of the source's own split": int(cases["part"].isna().sum()),
    }
    kept = cases[cases["part"].notna()]
    counts, kinds = kept["class"].value_counts(), ("negative", "positive")
    return {
        "schema": SCHEMA,
        "source": dataset.url or Path(str(dataset.path)).as_posix(),
        "lines": None,
        "rows_read": len(cases) + raw.unused,
        "rows_kept": len(kept),
        "dropped": [{"reason": reason, "rows": n} for reason, n in left_out.items() if n],
        "columns": [],
        "target": {
            name: {"class": kinds[name in info.positive], "rows": int(counts.get(name, 0))}
            for name in info.classes
        },
        "files": {part: int((kept["part"] == part).sum()) for part in PARTS},
        "allowed": ["share_images"] if info.share_images else [],
    }


def read_processed(paths: Paths) -> tuple[Split, DatasetInfo]:
    """Read what ``run`` wrote; a DataError where it did not, or another version of it did."""
    require_whole(paths.processed)
    file = paths.processed / "dataset.json"
    try:
        info = DatasetInfo(**read_json(file, "data"))
    except TypeError as error:
        why = f"another version of this project wrote {file}: run the `data` command again"
        raise DataError(why) from error
    cases = pd.read_parquet(paths.processed / "cases.parquet")
    with np.load(paths.processed / "images.npz") as archive:
        images = archive["images"]
    places = [(cases["part"] == part).to_numpy() for part in PARTS]
    return Split(*(Part(images[here], cases[here].reset_index(drop=True)) for here in places)), info


def assign(cases: pd.DataFrame, pixels: list[str], config: Config) -> tuple[pd.Series, str]:
    """Return each case's part, None where left out, and how the parts came.

    A source's own test part is kept whole, so that scores compare with those of others; training
    images whose patient or pixels are also in a later part are left out instead. ``pixels`` has a
    name for each image's content: the same for the same.
    """
    groups = linked(cases["patient"], pixels)
    if cases["part"].isna().all():
        return draw(cases["y"], groups, config.split.test_size, config, PARTS), "drawn"
    parts = cases["part"].mask(_straddles(cases["part"], groups, 2), None)
    counts = cases.loc[parts == "validation", "y"].value_counts().reindex([0, 1], fill_value=0)
    if counts.min() >= MIN_VALIDATION:
        return parts.mask(_straddles(parts, groups, 1), None), "official"
    rest = parts.isin(PARTS[:2])
    share = config.split.validation_size
    parts[rest] = draw(cases.loc[rest, "y"], groups[rest], share, config, PARTS[:2])
    return parts, "official test"


def _straddles(parts: pd.Series, groups: pd.Series, place: int) -> pd.Series:
    """Which cases of earlier parts belong to a group that the part at ``place`` has too."""
    return parts.isin(PARTS[:place]) & groups.isin(groups[parts == PARTS[place]])


def linked(patients: pd.Series, pixels: list[str]) -> pd.Series:
    """A name for each case, the same for those that share a patient or all pixels."""
    n = len(patients)
    things = [f"pixels {name}" for name in pixels]
    if patients.notna().all():
        things += [f"patient {name}" for name in patients]
    # Cases and what they may share are nodes: one edge a case, however many share the same.
    case, thing = np.resize(np.arange(n), len(things)), np.unique(things, return_inverse=True)[1]
    size = n + thing.max() + 1
    graph = csr_matrix((np.ones(len(things)), (case, n + thing)), (size, size))
    names = patients if patients.notna().all() else pd.Series(pixels, index=patients.index)
    return names.groupby(connected_components(graph)[1][:n]).transform("min")


def draw(
    y: pd.Series, groups: pd.Series, last: float, config: Config, parts: tuple[str, ...]
) -> pd.Series:
    """Draw ``parts`` from whole groups, stratified by whether a group holds a positive case.

    ``last`` is the last part's share; with three parts, ``split.validation_size`` is the second's.
    """
    ill = y.groupby(groups).max()
    rest, chosen = _cut(ill, last, config.seed)
    names = pd.Series(parts[0], index=ill.index)
    names[chosen.index] = parts[-1]
    if len(parts) == 3:
        _, second = _cut(rest, config.split.validation_size / (1 - last), config.seed)
        names[second.index] = parts[1]
    return groups.map(names)


def _cut(ill: pd.Series, share: float, seed: int) -> tuple[pd.Series, pd.Series]:
    size = math.ceil(share * len(ill))
    if size >= len(ill):
        raise DataError(
            f"only {len(ill)} patient(s), or different images where patients are not known, are "
            "left to divide, and none may be on two sides. Correct `patient`, or add images."
        )
    aside = keep_aside(ill.index.to_series(), ill, share, seed)
    return ill[~aside], ill[aside]


def _patients(ids: pd.Series, pattern: str | None, where: str) -> pd.Series:
    """The patient that each file's name tells, None where no pattern is set."""
    if pattern is None:
        return pd.Series(None, index=ids.index, dtype=object)
    found = ids.str.extract(pattern, expand=False).mask(lambda name: name == "")
    if found.isna().any():
        raise DataError(
            f"{where}: the name {ids[found.isna()].iloc[0]!r} tells no patient "
            f"({found.isna().sum()} such image(s)). Correct `patient`: {pattern!r} must match "
            "every name below the folder of its class."
        )
    return found


def _refuse_contradictions(cases: pd.DataFrame, pixels: list[str], where: str) -> None:
    """Refuse an image that lies in two classes: a label is wrong, or a folder repeats others."""
    same = pd.Series(pixels, cases.index)
    torn = cases["class"].groupby(same).transform("nunique") > 1
    names = (cases["class"] + "/" + cases["id"])[torn].groupby(same[torn], sort=False)
    if found := [" is ".join(copies) for _, copies in names]:
        why = f"{where}: {len(found)} image(s) lie in several classes: {'; '.join(found[:5])}"
        remedy = "Remove those that are wrong; where a folder repeats others, name those to use"
        raise DataError(f"{why}. {remedy} in `classes`.")


def _require_both(y: pd.Series, least: int, where: str) -> None:
    """Refuse a part without enough cases of each kind to say anything."""
    positive, other = int(y.sum()), int((1 - y).sum())
    if min(positive, other) < least:
        raise DataError(
            f"{where}: {positive} positive and {other} other images; expected at least {least} of "
            "each. Add images, or correct `positive` or `split` in config.yaml."
        )
