"""Money: stock and costs against arithmetic done by hand."""

from pathlib import Path

import numpy as np
import pytest

from demand import business, inventory
from demand.business import FORESIGHT, MODEL, NAIVE, Trial
from demand.config import Prices, load_config
from demand.files import read_json
from demand.inventory import Plan
from demand.predictor import Predictor

PRICES = Prices(currency="EUR", holding_cost=0.5, stockout_cost=4.5)  # best level: 0.9
LEVELS = np.array([0.1, 0.5, 0.9])


def row(*values: float) -> np.ndarray:
    return np.array([values], dtype=float)


def plan(low: float, middle: float, high: float, orders: int, series: int = 1) -> Plan:
    """The same quantiles for every order of every series."""
    return Plan(LEVELS, np.tile([low, middle, high], (series, orders, 1)).astype(float))


def trial(demand: np.ndarray, model: Plan, naive: Plan, lead_time: int = 0) -> Trial:
    plans = {MODEL: model, NAIVE: naive}
    return Trial(demand, plans, lead_time, whole=False, periods_per_month=30)


# The simulation


def test_stock_without_lead_time():
    # Filled up to 10 each period; 12 are asked for in the second, and two go without.
    found = inventory.simulate(row(4, 12, 7), row(10, 10, 10), lead_time=0)
    assert found.held.tolist() == [6 + 0 + 3]
    assert found.short.tolist() == [2]
    assert (found.demand.tolist(), found.stockouts.tolist()) == ([23], [1])
    assert found.fill_rate == pytest.approx(1 - 2 / 23)
    assert found.cycle_service == pytest.approx(2 / 3)


def test_stock_with_lead_time():
    # period  in stock  asked  lost  left  on order  ordered, up to 10   arrives
    #   0        10        4     0     6       0       0                  2
    #   1         6        5     0     1       0       4                  3
    #   2         1        6     5     0       4       5                  4
    #   3         4        1     0     3       5       1                  5, too late
    #   4   5+3 = 8        2     0     6
    demand, target = row(4, 5, 6, 1, 2), row(10, 10, 10)
    found = inventory.simulate(demand, target, lead_time=2)
    assert found.periods == 3
    assert found.held.tolist() == [0 + 3 + 6]
    assert found.short.tolist() == [5]
    assert found.demand.tolist() == [9]


def test_what_happens_before_the_first_order_can_arrive_does_not_count():
    found = inventory.simulate(row(100, 3), row(5), lead_time=1)
    assert (found.short.tolist(), found.demand.tolist(), found.periods) == ([3], [3], 1)


def test_lost_demand_is_not_served_later():
    found = inventory.simulate(row(15, 5, 5), row(10, 10, 10), lead_time=0)
    assert (found.short.tolist(), found.held.tolist()) == ([5], [10])


def test_too_much_stock_is_not_sent_back():
    found = inventory.simulate(row(1, 1, 1), row(10, 3, 3), lead_time=0)
    assert found.held.tolist() == [9 + 8 + 7]


def test_series_do_not_touch_each_other():
    rng = np.random.default_rng(0)
    demand, target = rng.poisson(5, (4, 9)).astype(float), rng.uniform(10, 20, (4, 7))
    together = inventory.simulate(demand, target, lead_time=2)
    for place in range(4):
        one = slice(place, place + 1)
        alone = inventory.simulate(demand[one], target[one], lead_time=2)
        assert (alone.held[0], alone.short[0]) == (together.held[place], together.short[place])


@pytest.mark.parametrize("lead_time", [0, 1, 3])
def test_who_knows_the_future_wastes_and_lacks_nothing(lead_time: int):
    demand = np.random.default_rng(1).gamma(2, 5, (6, 12))
    known = inventory.lead_time_sums(demand, lead_time)
    found = inventory.simulate(demand, known, lead_time)
    assert found.held == pytest.approx(np.zeros(6), abs=1e-9)
    assert (found.fill_rate, found.cycle_service) == (pytest.approx(1), 1)


@pytest.mark.parametrize(
    ("lead_time", "level", "low", "high"),
    [(0, 0.8, 0.79, 0.81), (0, 0.95, 0.94, 0.96), (2, 0.8, 0.8, 0.87), (2, 0.95, 0.95, 0.97)],
)
def test_service_is_what_was_asked_for(lead_time: int, level: float, low: float, high: float):
    # With a lead time, what is lost need not be delivered: a little more is left for the next.
    rng, levels = np.random.default_rng(2), np.linspace(0.01, 0.99, 99)
    demand = rng.normal(100, 20, (400, 30 + lead_time))
    sums = inventory.lead_time_sums(rng.normal(100, 20, (100_000, lead_time + 1)), lead_time)
    known = Plan(levels, np.tile(np.quantile(sums, levels), (400, 30, 1)))
    target = inventory.targets(known, level, whole=False)
    assert low < inventory.simulate(demand, target, lead_time).cycle_service < high


def test_sums_over_the_lead_time():
    found = inventory.lead_time_sums(row(1, 2, 3, 4), lead_time=2)
    assert found.tolist() == [[6, 9]]
    assert inventory.lead_time_sums(row(1, 2), lead_time=0).tolist() == [[1, 2]]


# Order-up-to levels


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0.1, 10), (0.5, 20), (0.9, 40), (0.7, 30), (0.01, 10), (0.999, 40)],
)
def test_quantiles_between_the_published_ones(level: float, expected: float):
    assert inventory.quantile(LEVELS, row(10, 20, 40), level) == pytest.approx([expected])


def test_whole_units_are_ordered_whole():
    made = plan(0.2, 3.00000004, 7.2, 1)
    assert inventory.targets(made, 0.9, whole=True).tolist() == [[8]]
    assert inventory.targets(made, 0.5, whole=True).tolist() == [[3]]
    assert inventory.targets(made, 0.9, whole=False).tolist() == [[7.2]]


def test_no_target_is_negative():
    assert inventory.targets(plan(-4, 2, 3, 1), 0.1, whole=False)[0, 0] == 0


def test_leftovers_of_an_even_distribution():
    # Demand is anything from 0 to 10; of 6 units on average 1.8 are left, and 0.8 are short.
    levels, quantiles = np.array([0.0, 1.0]), np.array([0.0, 10.0])
    found = inventory.leftover_and_short(levels, quantiles, 6)
    assert found == pytest.approx((6**2 / 20, 4**2 / 20), abs=1e-3)


def test_best_service_level_costs_least():
    levels = np.linspace(0, 1, 201)
    costs = []
    for stock in levels:  # demand is anything from 0 to 1, so the level is the stock
        left, short = inventory.leftover_and_short(levels, levels, stock)
        costs.append(PRICES.holding_cost * left + PRICES.stockout_cost * short)
    assert business.best_service_level(PRICES) == pytest.approx(0.9)
    assert levels[int(np.argmin(costs))] == pytest.approx(0.9, abs=0.006)


# Prices


def test_costs_by_hand():
    found = trial(row(4, 12, 7), plan(0, 5, 10, 3), plan(0, 5, 8, 3))
    # Up to 10: 9 held, 2 short. Up to 8: 4 + 0 + 1 held, 4 short. Three periods, 30 a month.
    model = (9 * 0.5 + 2 * 4.5) * 10
    naive = (5 * 0.5 + 4 * 4.5) * 10
    assert business.monthly_cost(found, MODEL, 0.9, PRICES).tolist() == [model]
    assert business.savings(found, PRICES).tolist() == [naive - model]
    rows = business.policies(found, PRICES)
    assert rows[MODEL]["cost"] == pytest.approx(model)
    assert rows[MODEL]["holding"] == pytest.approx(45)
    assert rows[MODEL]["stockout"] == pytest.approx(90)
    assert rows[FORESIGHT]["cost"] == 0


@pytest.mark.parametrize(
    ("first", "last", "periods", "expected"),
    [
        ("2021-01-01", "2021-12-31", 365, 30.44),
        ("2021-01-04", "2021-12-27", 52, 4.348),
        ("2021-01-01", "2024-01-01", 37, 1.0),
        ("2021-01-01T00", "2021-01-02T23", 48, 730.5),
    ],
)
def test_periods_of_a_month(first: str, last: str, periods: int, expected: float):
    ends = np.datetime64(first, "h"), np.datetime64(last, "h")
    hours = np.linspace(0, (ends[1] - ends[0]).astype(int), periods).astype(int)
    found = business.periods_per_month(ends[0] + hours.astype("timedelta64[h]"))
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", ["holding_cost", "stockout_cost"])
def test_one_price_moves_at_a_time(name: str):
    before, after = PRICES.model_dump(), business.moved(PRICES, name, 1.3).model_dump()
    assert after[name] == pytest.approx(1.3 * before[name])
    assert {key for key in before if before[key] != after[key]} == {name}


def test_sensitivity_chooses_the_service_level_anew():
    found = trial(row(4, 12, 7), plan(0, 5, 10, 3), plan(0, 5, 8, 3))
    rows = {entry["price"]: entry for entry in business.sensitivity(found, PRICES)}
    assert set(rows) == {"holding_cost", "stockout_cost"}
    for name, entry in rows.items():
        for key, factor in (("if_lower", 0.7), ("if_higher", 1.3)):
            prices = business.moved(PRICES, name, factor)
            level = business.best_service_level(prices)
            assert level != 0.9
            naive, model = (
                business.monthly_cost(found, policy, level, prices).sum()
                for policy in (NAIVE, MODEL)
            )
            assert entry[key] == pytest.approx(naive - model)


def test_interval_is_over_series():
    found = business.total(np.array([10.0, 20, 30, 20, 20]), seed=1)
    assert found["value"] == 100
    assert found["low"] is not None and found["high"] is not None
    assert 50 <= found["low"] < 100 < found["high"] <= 150
    assert business.total(np.array([10.0, 20]), seed=1) == {"value": 30, "low": None, "high": None}


def test_one_series_has_no_interval():
    demand = row(4, 12, 7)
    found = business.summarise(
        trial(demand, plan(0, 5, 10, 3), plan(0, 5, 8, 3)), "ets", PRICES, seed=1
    )["summary"]
    assert (found["low"], found["high"]) == (None, None)
    assert found["headline"].endswith(
        "with the same policy (too few series for an interval: it may be chance)"
    )


def test_summary_agrees_with_its_own_parts():
    demand = np.tile(row(4, 12, 7), (5, 1))
    made = trial(demand, plan(0, 5, 10, 3, 5), plan(0, 5, 8, 3, 5))
    found = business.summarise(made, "ets", PRICES, seed=1)
    summary, detail = found["summary"], found["detail"]
    assert (summary["currency"], summary["per"]) == ("EUR", "month")
    assert summary["value"] == pytest.approx(5 * 70)
    assert summary["headline"] == (
        "Ordering by the forecasts of ets saves 350 EUR a month against the seasonal naive "
        "forecast with the same policy (95% interval 350 to 350)"
    )
    rows = detail["policies"]
    assert rows[NAIVE]["cost"] - rows[MODEL]["cost"] == pytest.approx(350)
    assert detail["share_of_possible"] == pytest.approx(350 / rows[NAIVE]["cost"])
    at_best = next(entry for entry in detail["curve"] if entry["service_level"] == 0.9)
    assert at_best[MODEL] == pytest.approx(rows[MODEL]["cost"])


def test_loss_is_called_one():
    demand = np.tile(row(4, 12, 7), (5, 1))
    made = trial(demand, plan(0, 5, 8, 3, 5), plan(0, 5, 10, 3, 5))
    headline = business.summarise(made, "ets", PRICES, seed=1)["summary"]["headline"]
    assert "loses 350 EUR a month" in headline
    assert "(95% interval 350 to 350)" in headline


def test_difference_that_may_be_chance_is_no_saving():
    rng = np.random.default_rng(0)
    demand = rng.poisson(9, (30, 12)).astype(float)
    level = rng.choice([8.0, 10.0], (2, 30))
    model, naive = (
        Plan(LEVELS, np.tile(values[:, np.newaxis, np.newaxis], (1, 12, 3))) for values in level
    )
    found = business.summarise(trial(demand, model, naive), "ets", PRICES, seed=1)["summary"]
    assert found["low"] < 0 < found["high"]
    assert found["headline"] == (
        "Ordering by the forecasts of ets costs about what it does by the seasonal naive forecast "
        "with the same policy: the difference may be chance"
    )


def test_baseline_saves_nothing_against_itself():
    demand, same = np.tile(row(4, 12, 7), (5, 1)), plan(0, 5, 8, 3, 5)
    found = business.summarise(trial(demand, same, same), None, PRICES, seed=1)["summary"]
    assert (found["value"], found["low"], found["high"]) == (0, 0, 0)
    assert found["headline"].startswith("The seasonal naive forecast does best")


# The published figures


def test_reported_money_is_that_of_the_policies(project: Path):
    config = load_config(project / "config.yaml")
    reported = read_json(project / "reports" / "metrics.json")
    detail = reported["timeseries"]["business"]
    rows = detail["policies"]
    saved = rows[NAIVE]["cost"] - rows[MODEL]["cost"]
    assert reported["business"]["value"] == pytest.approx(saved, rel=1e-4)
    assert rows[FORESIGHT]["cost"] <= min(rows[MODEL]["cost"], rows[NAIVE]["cost"])
    assert detail["service_level"] == pytest.approx(business.best_service_level(config.prices))
    assert detail["lead_time"] == config.inventory.lead_time
    metadata = Predictor.load(project / "models").metadata
    assert metadata["prices"] == config.prices.model_dump()
