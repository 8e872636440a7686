"""Versions of a model over time: trained again, compared, taken back."""

import json

import pytest
import yaml
from hostile import small_world
from support import SERVED

pytestmark = [pytest.mark.services, pytest.mark.only(*SERVED)]


def test_a_model_is_trained_again_compared_and_taken_back(project, tmp_path):
    world = small_world(project, tmp_path / "wörld")
    first = world.version.name
    same = world.run("retrain").stdout
    assert "+0 (95%: +0 to +0)" in same
    assert world.version.name == first
    # Other prices are another version of the same model, and the one before is kept.
    price = next(name for name, value in prices(world).items() if isinstance(value, int | float))
    world.change(lambda config: config["prices"].update({price: 2 * config["prices"][price] + 1}))
    world.run("retrain")
    second = world.version.name
    assert second != first
    listed = world.run("versions").stdout.splitlines()
    assert [line.split()[:2] for line in listed[:1]] == [["*", second]]
    assert listed[1].split()[0] == first
    assert "(95%:" in world.run("compare", first[:6], second).stdout
    world.run("rollback", first)
    assert world.version.name == first
    world.refuses("rollback", "none", words="begin with 'none'")
    world.refuses("compare", first, "none", words="begin with 'none'")


def test_a_worse_model_is_not_published(project, tmp_path):
    """What is served claims to be of a data set, and knows it by heart: no model beats it."""
    world = small_world(project, tmp_path / "wörld")
    before = world.version
    code = (
        f"import {project.command}.evaluate as evaluate, {project.command}.cli as cli\n"
        "from types import SimpleNamespace\n"
        "worse = SimpleNamespace(value=-0.2, low=-0.3, high=-0.1)\n"
        "evaluate.difference = lambda *_: {'score': worse}\n"
        f"cli.main(['--config', {str(world.root / 'config.yaml')!r}, 'retrain'])"
    )
    done = project.run("python", "-c", code)
    assert "nothing was published" in done.stdout
    assert "score: -0.2 (95%: -0.3 to -0.1)" in done.stdout
    assert world.version == before


def test_a_model_of_other_data_is_not_compared(project, tmp_path):
    world = small_world(project, tmp_path / "wörld")
    file = world.root / "data" / "processed" / "dataset.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"name": "another"}), "utf-8")
    name = world.version.name
    world.refuses("compare", name, name, words="run `data --dataset")


def prices(world) -> dict:
    return yaml.safe_load((world.root / "config.yaml").read_text(encoding="utf-8"))["prices"]
