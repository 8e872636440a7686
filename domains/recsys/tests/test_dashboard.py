"""The dashboard, run without a browser on a project with every stage behind it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recommender import ab_test
from recommender.explain import example
from recommender.kit.files import Paths
from recommender.kit.store import load_current, publish
from recommender.linear import Catalogue, Factors, from_bytes, to_bytes
from recommender.predictor import Predictor


@pytest.fixture
def predictor(project: Path) -> Predictor:
    """The published model."""
    return Predictor.load(project / "models")


def open_page(project: Path) -> AppTest:
    """Run the page once; whatever goes wrong in it fails the test."""
    page = AppTest.from_file(str(project / "dashboard" / "app.py"), default_timeout=120).run()
    assert not page.exception
    return page


def errors(page: AppTest) -> list[str]:
    """What the page complains of, as people read it."""
    return [re.sub(r"\\(.)", r"\1", error.value) for error in page.error]


def field(page: AppTest, kind: str, label: str) -> Any:
    """The field of that kind whose label starts like that."""
    return next(field for field in page.get(kind) if field.label.startswith(label))


def change(page: AppTest, kind: str, label: str, value: Any) -> AppTest:
    """Set a field and run the page again."""
    field(page, kind, label).set_value(value).run()
    assert not page.exception
    return page


def shown(page: AppTest) -> list[str]:
    """The titles recommended."""
    tables = [table.value for table in page.tabs[0].dataframe]
    return next(list(table["recommended"]) for table in tables if "recommended" in table)


def metrics(page: AppTest) -> list[str]:
    """Users needed, power, and money a month."""
    return [metric.value for metric in page.tabs[2].metric]


def report(project: Path) -> dict[str, Any]:
    """What the evaluate stage found."""
    return json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))


def test_every_tab_has_its_content(project: Path) -> None:
    page = open_page(project)
    assert [tab.label for tab in page.tabs] == ["Recommendations", "Similar items", "A/B test"]
    assert not page.error and not page.info
    assert "made up" in page.warning[0].value
    assert [len(tab.get("vega_lite_chart")) for tab in page.tabs] == [1, 1, 1]
    assert [len(tab.dataframe) for tab in page.tabs] == [2, 0, 0]


def test_a_known_person_gets_what_the_model_says(project: Path, predictor: Predictor) -> None:
    user = max(predictor.catalogue.users, key=lambda name: len(predictor.likes(name)))
    page = change(open_page(project), "selectbox", "Person", user)
    expected = predictor.predict([{"user": user}])[0]["items"]
    assert shown(page) == [item["title"] for item in expected]
    first = page.tabs[0].dataframe[1].value.iloc[0]
    likes = [r for r in predictor.explain([{"user": user, "k": 1}])[0] if r["value"]]
    speaking = [reason["feature"] for reason in likes if reason["contribution"] > 0]
    assert first["because they liked"] == ", ".join(speaking[:3])
    likes = page.tabs[0].dataframe[0].value
    titles = [predictor.catalogue.titles[code] for code in predictor.likes(user)]
    assert likes.iloc[:, 0].tolist() == titles


def test_somebody_new_starts_with_what_is_popular(project: Path, predictor: Predictor) -> None:
    page = change(open_page(project), "radio", "For whom", "Somebody new")
    popular = predictor.predict([{"liked": []}])[0]
    assert shown(page) == [item["title"] for item in popular["items"]]
    assert "most popular" in page.tabs[0].markdown[0].value


def test_chosen_titles_make_recommendations(project: Path, predictor: Predictor) -> None:
    page = change(open_page(project), "radio", "For whom", "Somebody new")
    liked = [predictor.catalogue.items[code] for code in (5, 9)]
    titles = [predictor.catalogue.titles[code] for code in (5, 9)]
    page = change(page, "multiselect", "Titles", titles)
    page = change(page, "number_input", "How many", 4)
    expected = predictor.predict([{"liked": liked, "k": 4}])[0]["items"]
    assert shown(page) == [item["title"] for item in expected]
    assert len(shown(page)) == 4


def test_reasons_follow_the_item_that_is_asked_about(project: Path) -> None:
    page = open_page(project)
    before = page.tabs[0].get("vega_lite_chart")[0].proto.spec
    asked = field(page, "selectbox", "Why")
    asked.select_index(2).run()
    assert not page.exception
    assert page.tabs[0].get("vega_lite_chart")[0].proto.spec != before


def test_similar_items_are_those_of_the_model(project: Path, predictor: Predictor) -> None:
    title = predictor.catalogue.titles[7]
    page = change(open_page(project), "selectbox", "Whoever", title)
    chart = page.tabs[1].get("vega_lite_chart")[0].proto.spec
    for item in predictor.similar(predictor.catalogue.items[7]):
        assert item["title"] in chart


def test_the_experiment_starts_as_it_was_planned(project: Path) -> None:
    plan = report(project)["recsys"]["experiment"]["plan"]
    needed, power, _ = metrics(open_page(project))
    assert needed == f"{plan['users_per_group']:,}"
    assert power == f"{plan['power']:.0%}"


def test_a_larger_effect_needs_fewer_users_and_earns_more(project: Path) -> None:
    plan = report(project)["recsys"]["experiment"]["plan"]
    page = open_page(project)
    before = float(metrics(page)[2].replace(",", ""))
    page = change(page, "slider", "True effect", 2 * plan["min_effect"])
    needed, _, worth = metrics(page)
    treatment = plan["baseline"] * (1 + 2 * plan["min_effect"])
    expected = ab_test.sample_size(plan["baseline"], treatment, plan["alpha"], plan["power"])
    assert needed == f"{expected:,}"
    assert float(worth.replace(",", "")) == pytest.approx(2 * before, rel=0.01)


@pytest.mark.parametrize("label", ["Visits", "Revenue"])
def test_prices_move_the_money(project: Path, label: str) -> None:
    page = open_page(project)
    assert metrics(page)[2] != "0"
    assert metrics(change(page, "slider", label, 0.0))[2] == "0"


def test_each_run_of_the_test_draws_other_clicks(project: Path) -> None:
    page = open_page(project)
    verdicts = []
    for run in (1, 2):
        page.tabs[2].button[0].click().run()
        assert not page.exception
        verdicts.append(page.tabs[2].markdown[-1].value)
        assert f"Run {run}: " in verdicts[-1]
    assert verdicts[0].split("(p", 1)[1] != verdicts[1].split("(p", 1)[1]


def replace_model(project: Path, model: Factors, catalogue: Catalogue) -> None:
    """Publish another model, with the metadata of the one that is there."""
    _, metadata = load_current(project / "models")
    del metadata["sha256"]
    publish(Paths(project), to_bytes(model, catalogue), metadata, [])


def test_titles_that_are_not_unique_can_be_told_apart(own_project: Path) -> None:
    model, catalogue = from_bytes(load_current(own_project / "models")[0])
    catalogue.titles[:2] = ["Twins \"quoted\" 'so'"] * 2
    replace_model(own_project, model, catalogue)
    page = change(open_page(own_project), "radio", "For whom", "Somebody new")
    options = field(page, "multiselect", "Titles").options
    assert options[:2] == [f"{catalogue.titles[0]} ({item})" for item in catalogue.items[:2]]


def test_what_speaks_against_an_item_is_no_reason_for_it(own_project: Path) -> None:
    inputs, outputs = np.float32([[-3], [2], [2], [0]]), np.float32([[0], [0], [0], [1]])
    model = Factors(np.zeros(4, np.float32), inputs=inputs, outputs=outputs)
    titles, history = list("ABCD"), np.array([0, 1, 2])
    catalogue = Catalogue(titles, titles, ["u"], np.array([0, 3]), history, history >= 0)
    replace_model(own_project, model, catalogue)
    table = open_page(own_project).tabs[0].dataframe[1].value
    assert table["because they liked"].tolist() == ["B, C"]
    shown = example(Predictor.load(own_project / "models"), "u")
    assert shown["because"] == ["B", "C"]
    assert (shown["score"], shown["added"]) == (1, 4)


def test_a_missing_or_tampered_model_gives_a_message(own_project: Path) -> None:
    models = own_project / "models"
    for model in models.glob("*/model.npz"):
        model.write_bytes(model.read_bytes() + b"!")
    page = open_page(own_project)
    assert "is not the one that was published" in errors(page)[0]
    assert not page.tabs
    shutil.rmtree(models)
    assert "no model in" in errors(open_page(own_project))[0]


def test_only_what_is_committed_is_needed(own_project: Path) -> None:
    shutil.rmtree(own_project / "data")
    assert not open_page(own_project).error
    shutil.rmtree(own_project / "reports")
    page = open_page(own_project)
    assert "run the `evaluate` command first" in errors(page)[0]
    assert shown(page)
