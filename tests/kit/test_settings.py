"""Settings: what is right loads, what is wrong is refused with its place and a way out."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from kit import ProjectError
from kit.settings import ProjectSettings, Section, ServedSettings, TableSource, read_settings
from pydantic import Field, ValidationError


class Prices(Section):
    """A section as projects have them."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")


class Config(ProjectSettings):
    """Settings as projects have them."""

    datasets: dict[str, TableSource] = Field(default_factory=dict)
    models: tuple[str, ...] = Field(min_length=1)
    prices: Prices


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings without a fault."""
    return {
        "seed": 1,
        "dataset": "sample",
        "datasets": {"mine": {"path": "mine.csv"}},
        "models": ["forest"],
        "prices": {"currency": "EUR"},
    }


def load(settings: dict[str, Any], folder: Path, dataset: str | None = None) -> Config:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return read_settings(file, Config, dataset)


def refusal(settings: dict[str, Any], folder: Path, dataset: str | None = None) -> str:
    with pytest.raises(ProjectError) as error:
        load(settings, folder, dataset)
    assert str(folder / "config.yaml") in str(error.value)
    assert error.value.exit_code == 2
    return str(error.value)


def changed(settings: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """``settings`` with one value, named by its dotted place, set anew."""
    *sections, key = place.split(".")
    node = settings
    for section in sections:
        node = node[section]
    node[key] = value
    return settings


def test_settings_cannot_be_changed_by_code(settings, tmp_path: Path):
    config = load(settings, tmp_path)
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 1


@pytest.mark.parametrize(
    ("place", "nearest"),
    [("sede", "seed"), ("prices.curency", "currency"), ("datasets.mine.pth", "path")],
)
def test_unknown_key_is_named_with_the_nearest_right_one(
    settings, tmp_path: Path, place: str, nearest: str
):
    message = refusal(changed(settings, place, 1), tmp_path)
    assert f"{place}: unknown key; did you mean `{nearest}`?" in message


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("seed", "many"),
        ("seed", -1),
        ("dataset", 5),
        ("datasets", ["mine"]),
        ("models", []),
        ("prices", None),
        ("prices.currency", "$"),
        ("datasets.mine.path", 3),
        ("datasets.mine.sha256", "abc"),
        ("live_url", "javascript:alert(1)"),
    ],
)
def test_wrong_value_is_named_with_its_place(settings, tmp_path: Path, place: str, value: object):
    message = refusal(changed(settings, place, value), tmp_path)
    assert f"  {place}: " in message
    assert f"found {value!r}" in message


def test_model_named_twice_is_refused(settings, tmp_path: Path):
    settings["models"] *= 2
    assert "models: expected each model once" in refusal(settings, tmp_path)


@pytest.mark.parametrize("key", ["seed", "dataset", "models", "prices"])
def test_missing_key_is_named(settings, tmp_path: Path, key: str):
    del settings[key]
    assert f"  {key}: Field required" in refusal(settings, tmp_path)


def test_every_wrong_setting_is_named_at_once(settings, tmp_path: Path):
    message = refusal(changed(changed(settings, "seed", "many"), "prices.currency", "$"), tmp_path)
    assert "2 wrong setting(s)" in message
    assert "seed" in message
    assert "prices.currency" in message


@pytest.mark.parametrize("origin", [{}, {"path": "a.csv", "url": "https://example.org/a.csv"}])
def test_data_set_comes_from_one_place(settings, tmp_path: Path, origin: dict[str, str]):
    settings["datasets"]["mine"] = origin
    message = refusal(settings, tmp_path)
    assert "datasets.mine: expected one of path, url, sql" in message


def test_address_is_fetched_over_http_only(settings, tmp_path: Path):
    settings["datasets"]["mine"] = {"url": "ftp://example.org/a"}
    assert "datasets.mine.url" in refusal(settings, tmp_path)


def test_sample_is_no_name_for_a_data_set(settings, tmp_path: Path):
    settings["datasets"]["sample"] = settings["datasets"]["mine"]
    assert "'sample' is the built-in data set" in refusal(settings, tmp_path)


def test_data_set_can_be_overridden(settings, tmp_path: Path):
    assert load(settings, tmp_path).dataset == "sample"
    assert load(settings, tmp_path, "mine").dataset == "mine"


def test_unknown_data_set_is_refused_with_the_known_ones(settings, tmp_path: Path):
    message = "dataset 'nope' is none of: sample, mine"
    assert message in refusal(settings, tmp_path, "nope")
    assert message in refusal(changed(settings, "dataset", "nope"), tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"seed: [1", "cannot be read as YAML"),
        (b"seed: \xff\xfe", "cannot be read as YAML in UTF-8"),
        (b"- seed", "expected `key: value` lines, found list"),
        (b"", "expected `key: value` lines, found NoneType"),
    ],
)
def test_unreadable_file_is_refused(tmp_path: Path, content: bytes, words: str):
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    with pytest.raises(ProjectError, match=words):
        read_settings(file, Config, None)


def test_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(ProjectError, match=r"cannot be read .* No such file .* --config"):
        read_settings(tmp_path / "config.yaml", Config, None)
    with pytest.raises(ProjectError, match="cannot be read"):
        read_settings(tmp_path, Config, None)


def test_what_only_a_served_model_has_is_refused_elsewhere(settings, tmp_path):
    served = {"seed": 1, "dataset": "sample", "tracking": "mlflow"}
    assert ServedSettings(**served).tracking == "mlflow"
    assert ServedSettings(**{**served, "tracking": "none"}).tracking == "none"
    with pytest.raises(ValidationError, match="'none' or 'mlflow'"):
        ServedSettings(**{**served, "tracking": "wandb"})
    assert "tracking: unknown key" in refusal(settings | {"tracking": "mlflow"}, tmp_path)


@pytest.mark.parametrize(
    ("source", "separator"),
    [
        ({"path": "reviews.TSV"}, "\t"),
        ({"url": "https://example.org/reviews.tsv.gz"}, "\t"),
        ({"path": "all.zip", "member": "reviews.tsv"}, "\t"),
        ({"path": "reviews.tsv", "separator": ";"}, ";"),
        ({"path": "reviews.csv"}, ","),
    ],
)
def test_a_file_named_tsv_has_tabs_between_its_columns(source, separator):
    assert TableSource(**source).separator == separator


@pytest.mark.parametrize(
    "name", ["local", "dask", "tcp://10.0.0.5:8786", "tls://far:1", "ray", "spark"]
)
def test_where_heavy_loops_run_is_one_of_the_engines(name):
    assert ServedSettings(seed=1, dataset="sample", engine=name).engine == name


@pytest.mark.parametrize("name", ["", "Dask", "http://far:8786", "tcp://", "locals"])
def test_an_engine_that_is_none_is_refused(name):
    with pytest.raises(ValidationError, match="local.dask.ray.spark"):
        ServedSettings(seed=1, dataset="sample", engine=name)
