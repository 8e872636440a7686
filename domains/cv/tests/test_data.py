"""Data: what is right is read, what is wrong is refused by name, and nobody is on both sides."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS, tree
from PIL import Image

from imaging import data, sample
from imaging.config import Config, load_config
from imaging.data import DatasetInfo, Split
from imaging.images import to_png
from imaging.kit import DataError
from imaging.kit.files import Paths, read_json

CONFIG = load_config(SETTINGS)
N = 60  # images that a test makes of each class


def pictures(count: int, level: int, channels: int = 1) -> np.ndarray:
    """Images (count, 20, 24, channels) of noise around a grey ``level``; no two are the same."""
    rng = np.random.default_rng(level)
    return rng.integers(level, level + 50, (count, 20, 24, channels), dtype=np.uint8)


def write(folder: Path, images: np.ndarray, prefix: str = "case") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        (folder / f"{prefix}{number:03d}.png").write_bytes(to_png(image))


def configured(settings: dict[str, Any], **roles: Any) -> Config:
    """The tests' settings with the data set ``mine`` changed and chosen; None takes a key out."""
    entry = settings["datasets"]["mine"] | roles
    mine = {key: value for key, value in entry.items() if value is not None}
    return Config(**settings | {"dataset": "mine", "datasets": {"mine": mine}})


def prepared(config: Config, root: Path) -> tuple[Split, DatasetInfo]:
    data.run(config, Paths(root))
    return data.read_processed(Paths(root))


def refusal(config: Config, root: Path) -> str:
    with pytest.raises(DataError) as error:
        data.run(config, Paths(root))
    assert not Paths(root).processed.exists()
    return str(error.value)


def parts(split: Split) -> list[data.Part]:
    return list(split)


def dropped(root: Path) -> dict[str, int]:
    """How many images were left out, by reason, as the receipt says."""
    receipt = read_json(Paths(root).reports / "data.json", "data")
    found = {row["reason"]: row["rows"] for row in receipt["dropped"]}
    assert receipt["rows_kept"] == receipt["rows_read"] - sum(found.values())
    return found


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of images with one subfolder a class."""
    write(tmp_path / "mine" / "ill", pictures(N, 150))
    write(tmp_path / "mine" / "well", pictures(N, 30))
    return tmp_path


# The sample


def test_sample_is_the_same_for_the_same_seed():
    (first, truth), (again, same), (other, _) = map(sample.make_sample, (3, 3, 4))
    assert (first == again).all()
    pd.testing.assert_frame_equal(truth, same)
    assert (first != other).any()


def test_opacities_are_bright_where_the_sample_says():
    images, truth = sample.make_sample(3)
    ill = truth.index[truth["diameter"] > 0]
    places = truth.loc[ill, ["row", "column"]].round().astype(int).to_numpy()
    # The same places on films of others without a finding: what is there without an opacity.
    well = truth.index[truth["diameter"] == 0][: len(ill)]
    here = images[ill[: len(well)], *places[: len(well)].T, 0].mean()
    there = images[well, *places[: len(well)].T, 0].mean()
    assert here - there > 40


def test_marker_has_nothing_to_do_with_the_class():
    images, truth = sample.make_sample(3)
    marked = truth["marker_row"].notna()
    shares = marked.groupby(truth["class"]).mean()
    assert shares["opacity"] == pytest.approx(shares["clear"], abs=0.08)
    rows, columns = truth.loc[marked, ["marker_row", "marker_column"]].to_numpy().T
    foot = images[marked.to_numpy(), (rows + 1.5).astype(int), columns.astype(int), 0]
    assert (foot > 180).all()


def test_patients_of_the_sample_are_in_one_part_each(project: Path):
    split, info = data.read_processed(Paths(project))
    patients = [set(part.cases["patient"]) for part in parts(split)]
    assert sum(map(len, patients)) == len(set.union(*patients)) == info.patients
    assert info.patients < sample.CASES


# Folders


def test_folder_of_images_is_read_by_configuration_alone(mine: Path, settings: dict[str, Any]):
    split, info = prepared(configured(settings), mine)
    assert (info.classes, info.positive, info.rows) == (["ill", "well"], ["ill"], 2 * N)
    assert (info.split, info.patients, info.duplicates) == ("drawn", None, 0)
    assert not info.share_images
    for part in parts(split):
        assert part.images.shape[1:] == (16, 16, 1)
        assert (part.y == (part.cases["class"] == "ill")).all()
        assert part.images[part.y == 1].min() > part.images[part.y == 0].max()


def test_folders_that_no_class_names_are_counted(mine: Path, settings: dict[str, Any]):
    known, _ = prepared(configured(settings), mine)
    write(mine / "mine" / "unclear", pictures(7, 90))
    split, info = prepared(configured(settings, classes=["ill", "well"]), mine)
    assert dropped(mine) == {"a mask, or in no folder of a class that is used": 7}
    assert info.rows == 2 * N
    for part, same in zip(parts(split), parts(known), strict=True):
        assert (part.images == same.images).all()


def test_zip_of_a_folder_is_the_same(mine: Path, settings: dict[str, Any]):
    split, info = prepared(configured(settings), mine)
    with zipfile.ZipFile(mine / "mine.zip", "w") as archive:
        for file in sorted((mine / "mine").rglob("*.png")):
            archive.write(file, "films/" + file.relative_to(mine / "mine").as_posix())
        archive.writestr("films/ill/.DS_Store", "not an image")
    packed, same = prepared(configured(settings, path="mine.zip", member="films"), mine)
    assert same == info
    for one, other in zip(parts(split), parts(packed), strict=True):
        assert (one.images == other.images).all()


def test_masks_are_no_pictures(mine: Path, settings: dict[str, Any]):
    known, _ = prepared(configured(settings), mine)
    for file in sorted((mine / "mine" / "ill").glob("*.png")):
        (file.parent / f"{file.stem}_mask.png").write_bytes(file.read_bytes())
    write(mine / "mine" / "well" / "masks", pictures(3, 90))
    write(mine / "mine" / "Masks", pictures(4, 90))
    split, info = prepared(configured(settings), mine)
    assert (info.classes, info.rows) == (["ill", "well"], 2 * N)
    assert dropped(mine) == {"a mask, or in no folder of a class that is used": N + 7}
    for part, same in zip(parts(split), parts(known), strict=True):
        assert (part.images == same.images).all()


def test_twelve_bits_in_sixteen_are_asked_about(tmp_path: Path, settings: dict[str, Any]):
    for label, level in (("ill", 3_000), ("well", 400)):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for number, noise in enumerate(pictures(N, 50)):
            deep = Image.fromarray(noise.squeeze().astype(np.uint16) + level)
            deep.save(tmp_path / "mine" / label / f"{number}.png")
    assert "16-bit images is 3" in (message := refusal(configured(settings), tmp_path))
    assert "`bits: 12`" in message
    split, info = prepared(configured(settings, bits=12), tmp_path)
    assert info.bits == 12
    assert split.train.images[split.train.y == 1].mean() > 180


@pytest.mark.parametrize("harm", ["changed", "locked"])
def test_what_cannot_be_unpacked_is_named(mine: Path, settings: dict[str, Any], harm: str):
    content = to_png(pictures(1, 150)[0])
    with zipfile.ZipFile(mine / "mine.zip", "w") as archive:
        archive.writestr("ill/case.png", content)
        archive.writestr("well/case.png", to_png(pictures(1, 30)[0]))
    packed = (mine / "mine.zip").read_bytes()
    if harm == "changed":
        packed = packed.replace(content, content[::-1])
    else:  # the flag for "encrypted", in the list of files
        place = packed.index(b"PK\x01\x02") + 8
        packed = packed[:place] + b"\x01" + packed[place + 1 :]
    (mine / "mine.zip").write_bytes(packed)
    message = refusal(configured(settings, path="mine.zip"), mine)
    assert "1 image(s) cannot be used:\n  ill/case.png: cannot be read" in message


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "valid", "Testing")])
def test_parts_of_the_folder_are_used(
    tmp_path: Path, settings: dict[str, Any], names: tuple[str, ...]
):
    for seed, part in enumerate(names):
        write(tmp_path / "mine" / part / "ill", pictures(N, 150 + seed), f"{part}_a")
        write(tmp_path / "mine" / part / "well", pictures(N, 30 + seed), f"{part}_b")
    split, info = prepared(configured(settings), tmp_path)
    assert info.split == "official"
    for part, prefix in zip(parts(split), names, strict=True):
        assert part.cases["id"].str.startswith(prefix).all()
        assert len(part.images) == 2 * N


def test_small_validation_part_is_drawn_anew_from_training(
    tmp_path: Path, settings: dict[str, Any]
):
    for seed, (part, count) in enumerate((("train", N), ("val", 4), ("test", N))):
        write(tmp_path / "mine" / part / "ill", pictures(count, 150 + seed), f"{part}_a")
        write(tmp_path / "mine" / part / "well", pictures(count, 30 + seed), f"{part}_b")
    split, info = prepared(configured(settings), tmp_path)
    assert info.split == "official test"
    assert split.test.cases["id"].str.startswith("test").all()
    assert len(split.test.images) == 2 * N
    assert len(split.validation.images) == pytest.approx(0.15 * (2 * N + 8), abs=1)
    # A copy in both, which one part may now hold, is no reason to leave images out.
    write(tmp_path / "mine" / "train" / "well", pictures(1, 31), "also_in_val")
    _, info = prepared(configured(settings), tmp_path)
    assert (dropped(tmp_path), info.duplicates) == ({}, 1)


def test_patient_is_read_from_the_name_and_kept_together(tmp_path: Path, settings: dict[str, Any]):
    for film in range(4):
        write(tmp_path / "mine" / "ill", pictures(N, 150 + film), f"film{film}_person")
        write(tmp_path / "mine" / "well", pictures(N, 30 + film), f"film{film}_person1")
    split, info = prepared(configured(settings, patient=r"person(\d+)"), tmp_path)
    patients = [set(part.cases["patient"]) for part in parts(split)]
    assert info.patients == sum(map(len, patients)) == 2 * N
    assert all(patients)


def test_name_without_a_patient_is_refused(mine: Path, settings: dict[str, Any]):
    message = refusal(configured(settings, patient=r"person(\d+)"), mine)
    assert "the name 'case000.png' tells no patient (120 such image(s))" in message


def test_images_of_one_patient_cannot_be_divided(mine: Path, settings: dict[str, Any]):
    message = refusal(configured(settings, patient="(case)"), mine)
    assert "only 1 patient(s)" in message
    assert "Correct `patient`" in message


def test_same_pixels_are_never_on_both_sides(mine: Path, settings: dict[str, Any]):
    write(mine / "mine" / "ill", pictures(N, 150), "copy")
    split, info = prepared(configured(settings), mine)
    assert info.duplicates == N
    contents = [{image.tobytes() for image in part.images} for part in parts(split)]
    assert sum(map(len, contents)) == len(set.union(*contents)) == 2 * N


def test_training_images_that_are_tested_on_are_left_out(tmp_path: Path, settings: dict[str, Any]):
    for seed, part in enumerate(("train", "val", "test")):
        write(tmp_path / "mine" / part / "ill", pictures(N, 150 + seed), f"{part}_a")
        write(tmp_path / "mine" / part / "well", pictures(N, 30 + seed), f"{part}_b")
    write(tmp_path / "mine" / "train" / "well", pictures(7, 32), "seen_in_test")
    write(tmp_path / "mine" / "val" / "well", pictures(3, 32), "seen_in_test")
    split, info = prepared(configured(settings), tmp_path)
    assert dropped(tmp_path) == {"also in a later part of the source's own split": 10}
    assert [len(part.images) for part in parts(split)] == [2 * N] * 3
    assert info.rows == 6 * N


def test_everything_wrong_with_images_is_named_at_once(mine: Path, settings: dict[str, Any]):
    folder = mine / "mine" / "ill"
    (folder / "case006.png").unlink()
    whole = (folder / "case000.png").read_bytes()
    (folder / "case001.png").write_bytes(whole[: len(whole) // 2])
    (folder / "case002.png").write_bytes(b"")
    (folder / "case003.png").write_text("a note", encoding="utf-8")
    Image.new("L", (1_200, 1_000)).save(folder / "case004.png")
    Image.new("L", (4, 4)).save(folder / "case005.png")
    Image.new("L", (20, 20)).save(folder / "case006.gif")
    message = refusal(configured(settings), mine)
    assert "6 image(s) cannot be used" in message
    for number, words in {
        1: "damaged or cut off",
        2: "is empty",
        3: "not a PNG or JPEG",
        4: "1200 x 1000 pixels: expected at most 1,000,000",
        5: "4 x 4 pixels",
    }.items():
        line = next(x for x in message.split("\n") if f"ill/case00{number}.png" in x)
        assert words in line
    assert "ill/case006.gif: not a PNG or JPEG" in message


def test_bad_data_does_not_replace_good(mine: Path, settings: dict[str, Any]):
    data.run(configured(settings), Paths(mine))
    before = tree(Paths(mine).processed)
    (mine / "mine" / "ill" / "case000.png").write_bytes(b"")
    with pytest.raises(DataError, match="case000"):
        data.run(configured(settings), Paths(mine))
    assert tree(Paths(mine).processed) == before


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"path": "nowhere"}, "no file at"),
        ({"classes": ["ill", "gone"]}, "no subfolder 'gone'; found ill, well"),
        ({"positive": "sick"}, "no files of 'sick', which `positive` names; found the subfolders"),
        ({"path": "."}, "name the folder of one subfolder a class, or of train"),
        ({"path": "mine/ill"}, "found the subfolders none"),
        ({"member": "inside"}, "correct `member`"),
        ({"sha256": "0" * 64}, "is a folder, but a checksum is of one file"),
        ({"positive": ["ill", "well"]}, "120 positive and 0 other images"),
    ],
)
def test_wrong_roles_are_named(
    mine: Path, settings: dict[str, Any], roles: dict[str, Any], words: str
):
    assert words in refusal(configured(settings, **roles), mine)


# NumPy archives


def archive(root: Path, **arrays: np.ndarray) -> None:
    np.savez(root / "mine.npz", **arrays)


def as_npz(settings: dict[str, Any], **roles: Any) -> Config:
    npz = {"path": "mine.npz", "layout": "npz", "classes": ["well", "ill"], "size": 24}
    return configured(settings, **npz | roles)


def labelled(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey images (2 N, 28, 28) and their labels (2 N, 1), 1 for the brighter."""
    images = np.concatenate([pictures(N, 30 + seed), pictures(N, 150 + seed)])
    return np.resize(images, (2 * N, 28, 28)), np.repeat([[0], [1]], N, axis=0)


def test_official_parts_of_an_archive_are_used(tmp_path: Path, settings: dict[str, Any]):
    arrays = {}
    for seed, part in enumerate(("train", "val", "test")):
        arrays[f"{part}_images"], arrays[f"{part}_labels"] = labelled(seed)
    archive(tmp_path, **arrays)
    split, info = prepared(as_npz(settings), tmp_path)
    assert (info.split, info.size, info.rows) == ("official", 24, 6 * N)
    for part, name in zip(parts(split), ("train", "val", "test"), strict=True):
        assert (part.y == arrays[f"{name}_labels"][:, 0]).all()
        assert part.cases["id"].iloc[1] == f"{name} 1"


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"pixels": np.zeros(3)}, "has the arrays pixels; expected images and labels"),
        ({"images": np.zeros((3, 28, 28))}, "holds float64 of the shape"),
        ({"images": np.zeros((3, 28), np.uint8)}, "of the shape (3, 28): expected"),
        ({"images": np.zeros((3, 28, 28, 4), np.uint8)}, "of the shape (3, 28, 28, 4): expected"),
        ({"images": np.zeros((0, 28, 28), np.uint8)}, "at least one image"),
        ({"images": np.zeros((2, 2_000, 2_000), np.uint8)}, "at most 1,000,000 pixels"),
        ({"labels": np.zeros((120, 3), int)}, "has 360 values"),
        ({"labels": np.zeros(120)}, "of type float64"),
        ({"labels": np.full(120, 2)}, "row 1: class 2 (120 such row(s)); expected 0 to 1"),
        ({"labels": np.array(["a"] * 120, dtype=object)}, "cannot be read as a NumPy archive"),
    ],
)
def test_wrong_archives_are_refused(
    tmp_path: Path, settings: dict[str, Any], arrays: dict[str, np.ndarray], words: str
):
    images, labels = labelled(0)
    content = {"images": images, "labels": labels} | arrays
    archive(tmp_path, **(arrays if "pixels" in arrays else content))
    assert words in refusal(as_npz(settings), tmp_path)
