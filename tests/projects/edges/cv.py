"""Odd images, odd folders and odd names; runs in a copy of the imaging project, beside its tests.

Each data set is described by ``config.yaml`` alone, and read by the command that a user types.
"""

import re
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from api.main import create_app
from click.testing import CliRunner, Result
from conftest import SETTINGS, tree
from fastapi.testclient import TestClient
from imaging import data
from imaging.cli import main
from imaging.images import ImageError, read_image, to_array, to_png
from imaging.kit.files import Paths, read_json
from imaging.predictor import Predictor
from PIL import Image
from test_data import N, archive, dropped, labelled, mine, pictures, write
from test_images import PIXELS, bomb, encoded, gradient, noise

__all__ = ["mine"]  # a fixture of the project's tests
LEVELS = {"ill": 150, "well": 30}
NPZ = {"path": "mine.npz", "layout": "npz", "classes": ["well", "ill"]}
# What a camera notes: how many pixels wide, as a letter, and to be shown turned by a quarter.
NOTES = struct.pack("<HHI4sHHII", 0x0100, 2, 1, b"x", 0x0112, 3, 1, 6)
NOTES = b"Exif\0\0II*\0\x08\0\0\0\x02\0" + NOTES + bytes(4)
TURN = Image.Exif()
TURN[0x0112] = 6
# A picture that is brighter to the right, in files as cameras and programs write them.
TURNED, PHOTOGRAPH = gradient().rotate(90), {"kind": "JPEG", "quality": 95}
ODD = {
    "palette.png": encoded(gradient("RGB").quantize(256)),
    "opaque.png": encoded(gradient("RGBA")),
    "16 bits.png": encoded(Image.fromarray(np.asarray(gradient(), dtype=np.uint16) << 8)),
    "for print.jpeg": encoded(gradient("CMYK"), **PHOTOGRAPH),
    "two in one.JPG": encoded(gradient("RGB"), "MPO", save_all=True, append_images=[noise()]),
    "turned.jpg": encoded(TURNED, **PHOTOGRAPH, exif=TURN),
    "turned.png": encoded(TURNED, exif=TURN),
    "wrong notes.jpg": encoded(TURNED, **PHOTOGRAPH, exif=NOTES),
    "no PNG.png": encoded(gradient(), **PHOTOGRAPH),
    "no suffix": encoded(gradient()),
}


def run(root: Path, command: str = "data", pixels: int = 1_000_000, **roles: Any) -> Result:
    """Run a command on the data set ``mine``, which these roles describe in ``config.yaml``."""
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["dataset"], settings["limits"]["pixels"] = "mine", pixels
    settings["datasets"]["mine"] |= roles
    (root / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return CliRunner().invoke(main, ["--config", str(root / "config.yaml"), command])


def accepted(root: Path, **roles: Any) -> tuple[data.Split, data.DatasetInfo]:
    done = run(root, **roles)
    assert done.exit_code == 0, done.output
    return data.read_processed(Paths(root))


def refused(root: Path, **roles: Any) -> str:
    """The one message of a command that ends with exit code 2 and has written nothing."""
    shutil.rmtree(root / "data", ignore_errors=True)
    done = run(root, **roles)
    assert (done.exit_code, done.output.count("Error: ")) == (2, 1), done.output
    assert not list(root.glob("data/processed/*"))
    return done.output


# Images


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_gives_the_same_numbers_in_any_kind_of_file(mine: Path, channels: int):
    for name, content in ODD.items():
        (mine / "mine" / "ill" / name).write_bytes(content)
    split, _ = accepted(mine, size=32, channels=channels)
    found = {
        name: image
        for part in split
        for name, image in zip(part.cases["id"], part.images, strict=True)
    }
    expected = np.asarray(gradient(), int)[:, :, np.newaxis].repeat(channels, axis=2)
    for name in ODD:
        np.testing.assert_allclose(found[name].astype(int), expected, atol=8, err_msg=name)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about damaged notes
def test_no_damage_crashes():
    """Cut off anywhere, or bytes changed: an image, or the error that says why it is none."""
    rng, usable = np.random.default_rng(0), 0
    for content in (encoded(noise(), "JPEG", exif=NOTES), encoded(noise(), exif=NOTES)):
        hurt = [content[:end] for end in range(0, len(content), 7)]
        for _ in range(400):
            changed = bytearray(content)
            for place in rng.integers(0, 200, 3):
                changed[place] = rng.integers(256)
            hurt.append(bytes(changed))
        for each in hurt:
            try:
                usable += to_array(read_image(each, PIXELS), 32, 3).shape == (32, 32, 3)
            except ImageError:
                continue
    assert usable > 50


def test_all_that_is_wrong_stands_in_one_message(mine: Path):
    """Whatever the names say; the list is cut, and counts what is cut off."""
    for number in range(22):
        (mine / "mine" / "well" / f"note{number:02d}.txt").write_text("x", encoding="utf-8")
    for name, content in {"a.png": bomb(60_000), "b.jpg": b"%PDF-1.7", "c.tif": b""}.items():
        (mine / "mine" / "ill" / name).write_bytes(content)
    (mine / "mine" / "ill" / "gone.png").symlink_to(mine / "nowhere.png")
    message = refused(mine)
    assert "26 image(s) cannot be used" in message
    assert "ill/a.png: the image has 60000 x 60000 pixels: expected at most 1,000,000" in message
    assert "ill/b.jpg: not a PNG or JPEG" in message
    assert "ill/c.tif: the file is empty" in message
    assert "ill/gone.png: cannot be read" in message
    assert message.count(".txt") == 16
    assert "… and 6 more" in message


def test_how_large_an_image_may_be_is_a_setting(mine: Path):
    assert "120 image(s) cannot be used" in refused(mine, pixels=479)
    accepted(mine, pixels=480)


# Folders, zips and archives


def test_colour_and_several_positive_classes(tmp_path: Path):
    for level, name in ((20, "well"), (90, "früh"), (160, 'a | "b" <i>')):
        write(tmp_path / "mine" / name, pictures(N, level, channels=3))
    split, info = accepted(tmp_path, channels=3, positive=["früh", 'a | "b" <i>'])
    assert info.channels == split.test.images.shape[3] == 3
    assert (split.test.y == (split.test.cases["class"] != "well")).all()
    receipt = read_json(tmp_path / "reports" / "data.json", "data")
    assert receipt["target"]["früh"] == {"class": "positive", "rows": N}


def test_names_that_yaml_takes_for_something_else(mine: Path):
    (mine / "mine" / "ill").rename(mine / "mine" / "1")
    for name in (1, False, None):
        message = refused(mine, positive=name)
        assert "has 1 wrong setting(s)" in message
        assert f'YAML takes 1 or no for one only in quotes: "no" (found {name})' in message
    assert accepted(mine, positive="1")[1].positive == ["1"]


def test_what_lies_beside_the_classes_is_counted(mine: Path):
    """Files in no folder, and folders that are no part: nothing is left out in silence."""
    for name in ("labels.csv", ".hidden", "Thumbs.db"):
        (mine / "mine" / name).write_text("a,b", encoding="utf-8")
    assert accepted(mine)[1].left_out == 1
    for part in ("train", "test", "extra"):
        for name, level in LEVELS.items():
            write(mine / "parts" / part / name, pictures(N, level + len(part)))
    split, info = accepted(mine, path="parts")
    assert (info.split, len(split.test.y), info.rows) == ("official test", 2 * N, 4 * N)
    assert dropped(mine) == {"a mask, or in no folder of a class that is used": 2 * N}
    shutil.rmtree(mine / "parts" / "test")
    assert "found train; expected both train and test" in refused(mine, path="parts")


def test_an_image_in_two_classes_is_refused_by_its_names(mine: Path):
    """As in a well-known set of brains, whose folders lie once more in a folder of their own."""
    folders = mine / "mine"
    for name in LEVELS:
        shutil.copytree(folders / name, folders / "again" / name)
    message = refused(mine)
    said = f"{2 * N} image\\(s\\) lie in several classes: again/ill/(\\S+) is ill/\\1; again"
    assert re.search(said, message)
    assert "name those to use in `classes`" in message
    assert accepted(mine, classes=["ill", "well"])[1].rows == 2 * N
    shutil.rmtree(folders / "again")
    one = min((folders / "ill").iterdir())
    shutil.copy(one, folders / "well" / "x.png")
    assert f"1 image(s) lie in several classes: ill/{one.name} is well/x.png. " in refused(mine)


def test_zip_with_parts_of_its_own(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as packed:
        for place, part in enumerate(("train", "validation", "test")):
            for name, level in LEVELS.items():
                for number, image in enumerate(pictures(N, level + place)):
                    packed.writestr(f"film/{part}/{name}/é{number}.png", to_png(image))
        packed.writestr("__MACOSX/film/train/ill/._0.png", "not an image")
    assert "found the subfolders film. Correct" in refused(tmp_path, path="mine.zip")
    split, info = accepted(tmp_path, path="mine.zip", member="film/")
    assert (info.split, info.left_out) == ("official", 0)
    assert [len(part.y) for part in split] == [2 * N] * 3


def test_other_archives_are_refused(mine: Path):
    shutil.make_archive(str(mine / "mine"), "gztar", mine / "mine")
    assert "mine.tar.gz is neither a folder nor a zip" in refused(mine, path="mine.tar.gz")
    (mine / "mine.npz").write_text("hello", encoding="utf-8")
    assert "cannot be read as a NumPy archive" in refused(mine, **NPZ)


def test_archive_in_colour_without_parts_is_divided(tmp_path: Path):
    images, labels = labelled(0)
    colour = images[..., np.newaxis].repeat(3, axis=3)
    archive(tmp_path, images=colour, labels=labels.astype(bool))
    split, info = accepted(tmp_path, **NPZ, size=28)
    assert (info.split, info.rows) == ("drawn", 2 * N)
    row = int(split.test.cases["id"].iloc[0])
    assert (split.test.images[0, :, :, 0] == images[row]).all()


# Patients


def test_patients_may_be_folders_and_have_both_classes(mine: Path):
    for file in sorted((mine / "mine").rglob("*.png")):
        file.with_suffix("").mkdir()
        file.rename(file.with_suffix("") / "left eye.png")
    split, info = accepted(mine, patient=r"^case(\d+)/")
    patients = [set(part.cases["patient"]) for part in split]
    assert info.patients == sum(map(len, patients)) == N
    assert all((part.cases.groupby("patient")["y"].nunique() == 2).all() for part in split)


def test_patients_of_the_test_leave_the_training(tmp_path: Path):
    for part in ("train", "test"):
        for name, level in LEVELS.items():
            write(tmp_path / "mine" / part / name, pictures(N, level + len(part)), f"{part}_{name}")
    write(tmp_path / "mine" / "train" / "well", pictures(9, 99), "test_ill")
    split, _ = accepted(tmp_path, patient=r"^(.+)\.")
    assert dropped(tmp_path) == {"also in a later part of the source's own split": 9}
    assert not set(split.train.cases["patient"]) & set(split.test.cases["patient"])


def test_a_pattern_that_matches_nothing_tells_no_patient(mine: Path):
    """Else all images without a number would be of one patient, called nothing."""
    message = refused(mine, patient=r"^(\d*)")
    assert "the name 'case000.png' tells no patient (120 such image(s))" in message


# Everything


def finished(root: Path) -> dict[str, Any]:
    """The results; no document has a number that is none."""
    for name in ("README.md", "MODEL_CARD.md"):
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"\b(nan|inf|None)\b", text), text
    return read_json(root / "reports" / "metrics.json", "evaluate")


def test_all_of_it_on_images_as_bright_as_each_other(fresh_project: Path):
    """No third is brighter than another, and one colour is nowhere."""
    rng = np.random.default_rng(0)
    for number in range(90):
        image = np.zeros((16, 16, 3), dtype=np.uint8)
        image.reshape(256, 3)[rng.permutation(256)[:60], 0] = 250
        image[:6, :6, 1] = 250
        name = ("ill", "well", "well")[number % 3]
        image = np.rot90(image, 2) if name == "ill" else image
        write(fresh_project / "mine" / name, image[np.newaxis], f"no. {number}-")
    how = {"channels": 3, "rule": {"name": "whoever is bright", "brighter_than": 0.9}}
    done = run(fresh_project, "all", **how)
    assert done.exit_code == 0, done.output
    metrics = finished(fresh_project)
    assert metrics["test"]["roc_auc"]["value"] > 0.9
    assert {row["kind"] for row in metrics["cv"]["slices"]} == {"class"}
    before = tree(fresh_project)
    accepted(fresh_project, **how)
    assert tree(fresh_project) == before


# What is served


def test_an_image_unlike_all_that_it_learned_from_is_told(project: Path):
    split, _ = data.read_processed(Paths(project))
    black, client = np.zeros_like(split.train.images[0]), TestClient(create_app(project / "models"))
    sent = [("files", ("a.png", to_png(image))) for image in (black, split.train.images[0])]
    unlike, like = client.post("/predict", files=sent).json()["predictions"]
    assert [found["column"] for found in unlike["warnings"]] == ["brightness", "contrast"]
    assert re.fullmatch(r"0\.\d+ to 0\.\d+", unlike["warnings"][0]["expected"])
    assert like["warnings"] == []
    assert not any(Predictor.load(project / "models").warnings(split.train.images))


def test_the_share_in_practice_decides_from_where_a_referral_pays(project: Path):
    """The odds from which it pays fall as the odds beforehand rise (Saerens et al. 2002)."""
    business = read_json(project / "reports" / "metrics.json", "evaluate")["cv"]["business"]
    prices, page = business["prices"], (project / "README.md").read_text("utf-8")
    share = Predictor.load(project / "models").signature["positive_share"]
    assert [other["share"] for other in business["elsewhere"]] == [0.01, 0.05, 0.2]
    for other in business["elsewhere"]:
        beforehand = share / (1 - share) * (1 - other["share"]) / other["share"]
        odds = prices["false_alarm"] / prices["missed_case"] * beforehand
        assert other["threshold"] == pytest.approx(odds / (1 + odds), rel=1e-4)
        assert f"{other['threshold']:.1%} if {other['share']:.0%} are" in page
