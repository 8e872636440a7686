"""Money: worked out by hand, by the data set's own prices, and claimed no further than it holds."""

from pathlib import Path

import pytest
from conftest import report, two_groups

from analysis.config import Prices
from analysis.hypotheses import compare_groups
from analysis.money import PER, business, in_unit, plain_headline, price_of, strongest

PRICES = Prices(currency="EUR", per_unit=2, per_case=-10)


def found(difference: float = 1.0):
    table, info = two_groups(difference)
    results, _ = compare_groups(table, info, 0.05)
    return results, info


def test_a_difference_is_priced_as_by_hand():
    results, info = found()
    best = strongest(results, PRICES)
    gap = best["difference"]
    worth = business(best, 2, "EUR", info)
    assert worth["value"] == pytest.approx(gap["value"] * 2 * PER)
    assert (worth["low"], worth["high"]) == pytest.approx((gap["low"] * 200, gap["high"] * 200))
    assert worth["one"] == pytest.approx(gap["value"] * 2)
    assert "`b` are worth" in worth["headline"]
    assert worth["headline"].startswith("If each unit of `n` earns 2 EUR, ")


def test_prices_are_written_out():
    results, info = found()
    worth = business(strongest(results, PRICES), 1_234_567.5, "EUR", info)
    assert worth["assumption"] == "each unit of `n` earns 1,234,567.5 EUR"


def test_what_costs_money_makes_the_lower_group_the_better_one():
    results, info = found()
    worth = business(strongest(results, None), -4, "EUR", info)
    assert (worth["better"], worth["worse"]) == ("a", "b")
    assert "costs 4 EUR" in worth["headline"]
    assert 0 < worth["low"] < worth["value"] < worth["high"]


def test_nothing_is_priced_where_nothing_holds():
    results, _ = found(0.0)
    assert strongest(results, PRICES) is None
    assert plain_headline(None, len(results)).endswith("from chance (4 tested)")
    assert plain_headline(None, 0).startswith("Nothing was tested")


def test_a_difference_whose_interval_holds_zero_does_not_hold(project: Path):
    for result in report(project, "explain")["tests"]:
        assert not result["holds"] or result["difference"]["low"] > 0


def test_without_a_price_a_finding_stays_in_its_own_unit():
    results, _ = found()
    best = strongest(results, None)
    assert price_of(best, None) is None
    assert price_of(best, Prices(currency="EUR", per_case=3)) is None
    value, low, high = in_unit(best)
    assert f"by {value} on average ({low} to {high})" in plain_headline(best, len(results))


def test_headline_of_the_sample_says_its_assumption_and_its_interval(project: Path):
    metrics, explained = report(project, "metrics"), report(project, "explain")
    headline = metrics["business"]["headline"]
    assert metrics["business"]["assumption"] in headline
    assert explained["finding"]["holds"]
    text = (project / "README.md").read_text(encoding="utf-8")
    assert f"**{headline}.** (Synthetic sample: a made-up shop.)" in text
