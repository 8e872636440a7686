"""Money: stock and costs against arithmetic done by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demand import money
from demand.config import Prices, load_config
from demand.kit.files import read_json
from demand.money import MODEL, NAIVE, SERVICE_LEVELS, Stock, Trial
from demand.predictor import Predictor

PRICES = Prices(currency="EUR", holding_cost=0.5, stockout_cost=4.5)  # best in theory: 0.9
LEVELS = np.array([0.1, 0.5, 0.9])


def row(*values: float) -> np.ndarray:
    return np.array([values], dtype=float)


def trial(demand: np.ndarray, **changes: Any) -> Trial:
    """One window of (series, periods); both forecasts say 0, 5, 10 at ``LEVELS``."""
    totals = np.tile([0.0, 5, 10], (1, *demand.shape, 1))
    given: dict[str, Any] = {
        "demand": demand[np.newaxis],
        "totals": {MODEL: totals, NAIVE: totals},
        "levels": LEVELS,
        "last_season": demand[np.newaxis],
        **{"rule": "last week again", "extra": 0.0, "step": "day", "periods_per_month": 30},
        **{"lead_time": 0, "whole": False},
    }
    return Trial(**given | changes)


def stock(costs: np.ndarray) -> Stock:
    """What costs (levels, windows) for one series at a holding price of 1."""
    return Stock(costs[..., np.newaxis], np.zeros((*costs.shape, 1)), np.ones((costs.shape[1], 1)))


HELD = Prices(currency="EUR", holding_cost=1, stockout_cost=1)


# The simulation


def test_stock_without_lead_time():
    # Filled up to 10 each period; 12 are asked for in the second, and two go without.
    held, short, asked = money.simulate(row(4, 12, 7), row(10, 10, 10), lead_time=0)
    assert (held.tolist(), short.tolist(), asked.tolist()) == ([6 + 0 + 3], [2], [23])


def test_stock_with_lead_time():
    # period  in stock  asked  lost  left  on order  ordered, up to 10   arrives
    #   0        10        4     0     6       0       0                  2
    #   1         6        5     0     1       0       4                  3
    #   2         1        6     5     0       4       5                  4
    #   3         4        1     0     3       5       1                  5, too late
    #   4   5+3 = 8        2     0     6
    held, short, asked = money.simulate(row(4, 5, 6, 1, 2), row(10, 10, 10), lead_time=2)
    assert (held.tolist(), short.tolist(), asked.tolist()) == ([0 + 3 + 6], [5], [9])


def test_what_happens_before_the_first_order_can_arrive_does_not_count():
    _, short, asked = money.simulate(row(100, 3), row(5), lead_time=1)
    assert (short.tolist(), asked.tolist()) == ([3], [3])


def test_lost_demand_is_not_served_later():
    held, short, _ = money.simulate(row(15, 5, 5), row(10, 10, 10), lead_time=0)
    assert (short.tolist(), held.tolist()) == ([5], [10])


def test_shortage_of_a_small_series_counts_beside_a_huge_one():
    demand = np.array([[1e12, 1e12], [3.0, 5.0]])
    _, short, _ = money.simulate(demand, np.array([[1e12, 1e12], [2.0, 4.5]]), lead_time=0)
    assert short.tolist() == [0, 1.5]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("lead_time", [0, 1, 3])
def test_who_knows_the_future_wastes_and_lacks_nothing(lead_time: int, scale: float):
    demand = np.random.default_rng(1).gamma(2, 5 * scale, (6, 12))
    found = trial(demand, lead_time=lead_time)
    found = found.replay(money.lead_time_sums(found.demand, lead_time))
    assert not found.held.any() and not found.short.any()
    assert found.fill_rate == 1


@pytest.mark.parametrize(
    ("lead_time", "level", "low", "high"),
    [(0, 0.8, 0.79, 0.81), (0, 0.95, 0.94, 0.96), (2, 0.8, 0.8, 0.87), (2, 0.95, 0.95, 0.97)],
)
def test_service_is_what_was_asked_for(lead_time: int, level: float, low: float, high: float):
    # With a lead time, what is lost need not be delivered: a little more is left for the next.
    rng, levels, calm = np.random.default_rng(2), np.linspace(0.01, 0.99, 99), []
    demand = rng.normal(100, 20, (400, 30 + lead_time))
    sums = money.lead_time_sums(rng.normal(100, 20, (100_000, lead_time + 1)), lead_time)
    known = np.tile(np.quantile(sums, levels), (400, 30, 1))
    target = money.targets(levels, known, level, whole=False)
    for periods in range(lead_time + 1, demand.shape[1] + 1):
        _, short, _ = money.simulate(demand[:, :periods], target, lead_time)
        calm.append(short)
    quiet = np.diff(np.stack(calm), axis=0, prepend=0) <= 1e-6
    assert low < quiet.mean() < high


# Order-up-to levels


@pytest.mark.parametrize(
    ("level", "expected"), [(0.1, 10), (0.5, 20), (0.9, 40), (0.7, 30), (0.01, 10), (0.999, 40)]
)
def test_quantiles_between_the_published_ones(level: float, expected: float):
    assert money.quantile(LEVELS, row(10, 20, 40), level) == pytest.approx([expected])


def test_whole_units_are_ordered_whole():
    made = row(0.2, 3.00000004, 7.2)
    assert money.targets(LEVELS, made, 0.9, whole=True).tolist() == [8]
    assert money.targets(LEVELS, made, 0.5, whole=True).tolist() == [3]
    assert money.targets(LEVELS, made, 0.9, whole=False).tolist() == [7.2]


# Prices


def test_costs_by_hand():
    found = trial(row(4, 12, 7)).by_level(MODEL)
    # Up to 10: 9 held, 2 short. Up to 5: 1 held, 7 + 2 short. Three periods, 30 a month.
    costs = dict(zip(SERVICE_LEVELS.tolist(), found.monthly(PRICES).tolist(), strict=True))
    assert costs[0.9] == pytest.approx((9 * 0.5 + 2 * 4.5) * 10)
    assert costs[0.5] == pytest.approx((1 * 0.5 + 9 * 4.5) * 10)
    assert costs[0.99] == costs[0.9], "no quantile beyond the last"


def test_rule_orders_last_season_and_a_share_more():
    made = trial(row(4, 12, 7), last_season=row(10, 10, 10)[np.newaxis], extra=0.1)
    found = made.by_rule()
    # Up to 11: 7 held, 1 short, 4 held; in whole units the same.
    assert found.monthly(PRICES) == pytest.approx((11 * 0.5 + 1 * 4.5) * 10)
    assert found.fill_rate == pytest.approx(1 - 1 / 23)


def test_level_of_a_window_is_chosen_by_the_others():
    costs = np.array([[1.0, 10, 10], [5, 5, 5], [9, 2, 2]])
    # The other two sum to 20, 10, 4 for the first window, to 11, 10, 11 for the others.
    assert stock(costs).blind(HELD).cost(HELD).ravel().tolist() == [9, 5, 5]
    assert int(stock(costs).monthly(HELD).argmin()) == 2


def test_theory_can_cost_more_than_simulation_says():
    """With a lead time and lost sales, a lower level than the critical ratio is cheapest."""
    rng = np.random.default_rng(3)
    demand, levels = rng.normal(100, 30, (300, 40)), np.linspace(0.01, 0.99, 99)
    sums = money.lead_time_sums(rng.normal(100, 30, (50_000, 3)), 2)
    totals = np.tile(np.quantile(sums, levels), (1, 300, 38, 1))
    found = trial(demand, totals={MODEL: totals}, levels=levels, lead_time=2).by_level(MODEL)
    prices = Prices(currency="EUR", holding_cost=0.1, stockout_cost=2)
    costs = found.monthly(prices)
    best = SERVICE_LEVELS[costs.argmin()]
    assert best < money.level_in_theory(prices)


@pytest.mark.parametrize("seed", range(20))
def test_sensitivity_has_one_reference_chooses_the_level_anew_and_ranks_by_the_range(seed: int):
    rng = np.random.default_rng(seed)
    model = Stock(rng.uniform(5, 9, (15, 4, 2)), rng.uniform(0, 2, (15, 4, 2)), np.ones((4, 2)))
    rule = Stock(rng.uniform(5, 9, (4, 2)), rng.uniform(0, 2, (4, 2)), np.ones((4, 2)))

    def saving(price: str, factor: float) -> float:
        now = PRICES.model_copy(update={price: factor * getattr(PRICES, price)})
        return float(rule.monthly(now) - model.blind(now).monthly(now))

    rows, ranges = money.sensitivity(model, rule, PRICES), []
    assert {entry["price"] for entry in rows} == {"holding cost", "stockout cost"}
    for entry in rows:
        lower, base, higher = (saving(entry["price"].replace(" ", "_"), f) for f in (0.7, 1, 1.3))
        assert (entry["if_lower"], entry["if_higher"]) == pytest.approx((lower, higher))
        ranges.append(max(lower, base, higher) - min(lower, base, higher))
    assert ranges[0] >= ranges[1], "both ends may lie on one side of what it is now"


# The headline


def said(value: float, low: float, high: float) -> str:
    saved = {"value": value, "low": low, "high": high}
    return money.headline(saved, "ETS", "last week again", "day", PRICES)


def test_headline_has_its_assumption_and_no_more_digits_than_the_interval_deserves():
    assert said(8237.7, 2546.3, 13929.1) == (
        "If a unit left over costs 0.5 EUR a day, one missing 4.5, ordering by forecast (ETS) "
        "saves about 8,000 EUR a month in simulation (3,000 to 14,000) against the rule "
        "\u201clast week again\u201d"
    )


def test_prices_are_written_out():
    prices = Prices(currency="EUR", holding_cost=1_234_567.5, stockout_cost=2e11)
    said = money.assumption(prices, "day")
    assert "costs 1,234,567.5 EUR a day, one missing 200,000,000,000" in said


def test_loss_is_called_one():
    assert "costs about 350 EUR a month in simulation (300 to 400)" in said(-350, -400, -300)


@pytest.mark.parametrize("ends", [(-2000.0, 9000.0), (float("nan"), float("nan"))])
def test_difference_that_may_be_chance_is_no_saving(ends: tuple[float, float]):
    text = said(3000, *ends)
    assert "may be chance" in text and "saves" not in text


# The published figures


def test_reported_money_is_that_of_the_policies(project: Path):
    config = load_config(project / "config.yaml")
    reported = read_json(project / "reports" / "metrics.json", "evaluate")
    detail = reported["timeseries"]["business"]
    cost = {entry["key"]: entry["cost"] for entry in detail["policies"]}
    assert reported["business"]["value"] == pytest.approx(cost["rule"] - cost["model"], rel=1e-4)
    assert cost["perfect_foresight"] == 0 < cost["model"] < cost["seasonal_naive"]
    assert reported["business"]["low"] > 0, "the sample's promotions are worth knowing"
    assert "saves about" in reported["business"]["headline"]
    curve = dict(zip(detail["curve"]["service_level"], detail["curve"]["model"], strict=True))
    assert curve[detail["service_level"]] == min(curve.values())
    assert min(curve.values()) <= cost["theory"]
    metadata = Predictor.load(project / "models").metadata
    assert metadata["threshold"] == detail["service_level"]
    assert metadata["prices"] == config.prices.model_dump()
