"""The contract: what a project's files say, and what is said of those that are wrong."""

import json
from pathlib import Path

import pytest
from builder import PACKAGES, TITLES, VERSION, build

from portfolio.contract import SECTIONS, ContractError, Score, load


def change(file: Path, **values: object) -> None:
    """Set top-level keys of a JSON file; a key set to `...` goes."""
    content = json.loads(file.read_text(encoding="utf-8")) | values
    kept = {key: value for key, value in content.items() if value is not ...}
    file.write_text(json.dumps(kept), encoding="utf-8")


@pytest.mark.parametrize("domain", PACKAGES)
def test_a_project_that_has_run_is_read_whole(tmp_path, domain):
    root = build(tmp_path / "späces here", domain, live_url="https://example.org/x")
    project = load(root)
    results = project.results
    assert (project.domain, project.package) == (domain, PACKAGES[domain])
    assert project.title == results.project == TITLES[domain]
    assert results.dataset.synthetic is False
    assert results.selected.difference is None
    for model in results.models[:-1]:
        assert model.difference.low < model.difference.value < model.difference.high
    assert results.test[results.primary_metric.name].value == results.primary_metric.value
    assert results.business.currency == "EUR"
    assert results.detail == {"rate": 0.265}
    assert project.receipt.target["Yes"].class_ == "positive"
    assert project.receipt.rows_read - project.receipt.rows_kept == project.receipt.dropped[0].rows
    assert project.headline_figure.role == "headline"
    assert all(project.picture(figure).is_file() for figure in project.figures)
    assert project.explanation.importance[0].feature == "contract"
    assert project.config.live_url == "https://example.org/x"
    assert set(project.readme.blocks) >= {"headline", "data", "results", "money", "explanation"}
    assert all(project.readme.is_written(section) for section in SECTIONS)
    if project.served:
        assert project.version == project.metadata.version == VERSION
        assert set(project.metadata.metrics.values()) == {Score(results.primary_metric.value)}
    else:
        assert project.version is project.metadata is None


def test_a_project_that_has_not_run_has_no_results(tmp_path):
    project = load(build(tmp_path, "tabular", ran=False, written=False))
    assert project.results is project.receipt is project.explanation is project.metadata is None
    assert project.figures == ()
    assert project.title == "Customer Churn"
    assert not any(project.readme.is_written(section) for section in SECTIONS)


def test_optional_keys_may_be_absent_or_null(tmp_path):
    root = build(tmp_path, "tabular")
    change(root / "reports/metrics.json", business=None, skills=..., models=..., test=...)
    results = load(root).results
    assert (results.business, results.skills, results.models) == (None, (), ())
    change(root / "reports/metrics.json", primary_metric=..., tabular=...)
    assert load(root).results.primary_metric is None


def test_unknown_keys_are_left_alone(tmp_path):
    root = build(tmp_path, "tabular")
    change(root / "reports/metrics.json", something_new=[1, 2])
    assert load(root).results.domain == "tabular"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dataset": {"name": "x", "synthetic": "no", "rows": 3}}, '`dataset.synthetic` .* "no"'),
        ({"dataset": {"name": "x", "synthetic": True, "rows": 3.5}}, "`dataset.rows` .*whole"),
        ({"dataset": {"synthetic": True, "rows": 3}}, "`dataset.name` is missing"),
        ({"models": [{"name": "a", "label": "A"}]}, r"`models\[0\].selected` is missing"),
        ({"models": {}}, "`models` should be a list, is an object"),
        ({"skills": [1]}, r"`skills\[0\]` should be text, is 1"),
        ({"test": {"auc": {"value": "good"}}}, '`test.auc.value` should be a number, is "good"'),
        ({"business": {"headline": "x", "value": True}}, "`business.value` should be a number"),
    ],
)
def test_a_wrong_type_is_named_with_file_and_key(tmp_path, values, said):
    root = build(tmp_path, "tabular")
    change(root / "reports/metrics.json", **values)
    with pytest.raises(ContractError, match=said) as error:
        _ = load(root).results
    assert error.value.message.startswith("customer-churn/reports/metrics.json: ")
    assert error.value.exit_code == 2
    assert "\n" not in error.value.message


def test_a_figure_of_an_unknown_role_names_the_known_ones(tmp_path):
    root = build(tmp_path, "tabular")
    figure = {"file": "a.png", "title": "A", "alt": "A", "role": "art"}
    (root / "reports/figures.json").write_text(json.dumps([figure]), encoding="utf-8")
    with pytest.raises(ContractError, match=r"`\[0\].role` should be one of: headline, .*\"art\""):
        _ = load(root).figures


def test_figures_may_be_a_bare_list(tmp_path):
    root = build(tmp_path, "tabular")
    content = json.loads((root / "reports/figures.json").read_text(encoding="utf-8"))
    (root / "reports/figures.json").write_text(json.dumps(content["figures"]), encoding="utf-8")
    assert len(load(root).figures) == 5


def test_damaged_files_are_named(tmp_path):
    root = build(tmp_path, "tabular")
    (root / "reports/explain.json").write_text("{", encoding="utf-8")
    (root / "config.yaml").write_text("a: [", encoding="utf-8")
    (root / "README.md").write_bytes(b"\xff\xfe")
    project = load(root)
    with pytest.raises(ContractError, match="customer-churn/reports/explain.json: no JSON"):
        _ = project.explanation
    with pytest.raises(ContractError, match="customer-churn/config.yaml: no YAML"):
        _ = project.config
    with pytest.raises(Exception, match=r"README.md: not UTF-8"):
        _ = project.readme


@pytest.mark.parametrize("schema", [..., 1, "2"])
def test_an_older_schema_is_told_to_update(tmp_path, schema):
    root = build(tmp_path, "nlp")
    change(root / "reports/metrics.json", schema=schema)
    with pytest.raises(ContractError, match=r"portfolio update .*uv run sentiment all"):
        load(root)


def test_a_newer_schema_asks_for_a_newer_tool(tmp_path):
    root = build(tmp_path, "nlp")
    change(root / "reports/metrics.json", schema=3)
    with pytest.raises(ContractError, match="install the newest version of the tool"):
        load(root)


def test_a_project_of_the_first_edition_is_told_to_update(tmp_path):
    """Those had a record of their own, and asked for the package's name."""
    (tmp_path / "old").mkdir()
    content = {"template": "x", "default_context": {"domain": "nlp", "package_name": "moods"}}
    (tmp_path / "old/.cookiecutter.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ContractError, match=r"portfolio update .*uv run moods all"):
        load(tmp_path / "old")
    root = build(tmp_path, "tabular", ran=False)
    record = json.loads((root / ".cruft.json").read_text(encoding="utf-8"))
    record["context"]["cookiecutter"]["package_name"] = "churn"
    (root / ".cruft.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ContractError, match="portfolio update"):
        load(root)


def test_other_folders_are_refused_in_one_line(tmp_path):
    with pytest.raises(ContractError, match="no such folder"):
        load(tmp_path / "gone")
    with pytest.raises(ContractError, match="no project of this template") as error:
        load(tmp_path)
    assert "\n" not in error.value.message


def test_a_measure_that_is_not_defined_is_left_out(tmp_path):
    root = build(tmp_path, "tabular")
    file = root / "reports" / "metrics.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    undefined = {"value": None, "low": None, "high": None}
    content["test"] = {"roc_auc": content["test"]["roc_auc"], "precision": undefined}
    file.write_text(json.dumps(content), encoding="utf-8")
    assert list(load(root).results.test) == ["roc_auc"]
