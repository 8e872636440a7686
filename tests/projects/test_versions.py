"""Versions of a model over time: trained again, compared, taken back."""

import json

import pytest
import yaml
from hostile import World, small_world
from support import SERVED

pytestmark = [pytest.mark.services, pytest.mark.only(*SERVED)]


@pytest.fixture(scope="module")
def yesterday(project, tmp_path_factory) -> World:
    """A small project whose first model is published."""
    return small_world(project, tmp_path_factory.mktemp("versions") / "wörld")


@pytest.fixture
def world(yesterday, tmp_path) -> World:
    """A copy for one test."""
    return yesterday.copy(tmp_path / "wörld")


def test_a_model_is_trained_again_compared_and_taken_back(world):
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


def test_a_worse_model_is_not_published(world, project):
    before, package = world.version, project.command
    code = (
        f"from {package} import cli, evaluate\n"
        f"from {package}.kit.intervals import Estimate\n"
        "evaluate.difference = lambda *_: {'score': Estimate(-0.2, -0.3, -0.1)}\n"
        f"cli.main(['--config', {str(world.root / 'config.yaml')!r}, 'retrain'])"
    )
    done = project.run("python", "-c", code)
    assert "nothing was published" in done.stdout
    assert "score: -0.2 (95%: -0.3 to -0.1)" in done.stdout
    assert world.version == before


def test_a_model_of_other_data_is_not_compared(world):
    file = world.root / "data" / "processed" / "dataset.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"name": "another"}), "utf-8")
    name = world.version.name
    world.refuses("compare", name, name, words="run `data --dataset")


def prices(world: World) -> dict:
    return yaml.safe_load((world.root / "config.yaml").read_text(encoding="utf-8"))["prices"]
