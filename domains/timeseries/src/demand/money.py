"""Stock under an order-up-to policy, what it costs, and which service level costs least.

At the start of each period as much is ordered as brings stock and open orders up to a target. An
order arrives ``lead_time`` periods later, before that period's demand, so the target must last for
``lead_time + 1`` periods: it is a quantile of the demand in them. Demand that finds no stock is
lost, as in a shop, and not served later; for that such a policy comes close to the best where a
lost sale costs much more than holding a unit (Huh et al. 2009).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .config import Prices
from .kit.documents import amount
from .kit.intervals import Array, Estimate

MODEL, THEORY, NAIVE, RULE = "model", "theory", "seasonal_naive", "rule"
FORESIGHT = "perfect_foresight"
# The mean of (windows, series), with its interval; handed in: servers have no library for it.
Mean = Callable[[Array], Estimate]
SERVICE_LEVELS = np.array([10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99]) / 100
SWING = 0.3  # how far the sensitivity analysis moves each price, up and down
TINY, ROUNDING = 1e-9, 1e-4  # what floats may leave over: of the largest demand, and of a unit


@dataclass(frozen=True)
class Stock:
    """What a policy does to the stock of each series in each window, in units a month. ``held``
    counts units left at the end of each period, ``short`` those asked for that were not in stock,
    both (..., windows, series); ``demand`` (windows, series) all that were asked for."""

    held: Array
    short: Array
    demand: Array

    def cost(self, prices: Prices) -> Array:
        """Money a month: (..., windows, series)."""
        return prices.holding_cost * self.held + prices.stockout_cost * self.short

    def blind(self, prices: Prices) -> "Stock":
        """Of all levels, in each window the one that costs least in all other windows."""
        costs, windows = self.cost(prices).sum(axis=-1), np.arange(len(self.demand))
        best = [np.delete(costs, w, axis=1).mean(axis=1).argmin() for w in windows]
        return Stock(self.held[best, windows], self.short[best, windows], self.demand)

    def monthly(self, prices: Prices) -> Array:
        """Money a month, all series together, on average over the windows: (...)."""
        return np.asarray(self.cost(prices).sum(axis=-1).mean(axis=-1))

    @property
    def fill_rate(self) -> float:
        """Share of all demand that was served; 1 where there was none."""
        asked = float(self.demand.sum())
        return 1 - float(self.short.sum()) / asked if asked > 0 else 1.0


@dataclass(frozen=True)
class Trial:
    """Windows in which policies order, and what each knew before; W windows, S series, H steps.

    ``demand`` is (W, S, H); ``totals`` what ``MODEL`` and ``NAIVE`` foretold of the demand from
    each order on until it has arrived, (W, S, H - lead_time, levels) at probabilities ``levels``;
    ``last_season`` (W, S, H) the demand one season before, by which the manager's ``rule`` orders,
    and ``extra`` the share that it adds; ``whole`` whether demand comes in whole units; ``step``
    what a period is called.
    """

    demand: Array
    totals: dict[str, Array]
    levels: Array
    last_season: Array
    rule: str
    extra: float
    lead_time: int
    whole: bool
    step: str
    periods_per_month: float

    def at_level(self, name: str, level: float) -> Stock:
        """Order up to one forecast's quantile."""
        return self.replay(targets(self.levels, self.totals[name], level, self.whole))

    def by_level(self, name: str) -> Stock:
        """The same at each of ``SERVICE_LEVELS``: (levels, …)."""
        found = [self.at_level(name, level) for level in SERVICE_LEVELS]
        held, short = np.stack([s.held for s in found]), np.stack([s.short for s in found])
        return Stock(held, short, found[0].demand)

    def by_rule(self) -> Stock:
        """Order up to last season's demand in the same periods, and a share more."""
        wanted = (1 + self.extra) * lead_time_sums(self.last_season, self.lead_time)
        return self.replay(round_up(wanted) if self.whole else wanted)

    def replay(self, target: Array) -> Stock:
        """What happens to the stock in all windows when orders fill it up to ``target``."""
        windows, series, steps = self.demand.shape
        flat = self.demand.reshape(-1, steps), target.reshape(windows * series, -1)
        months = (steps - self.lead_time) / self.periods_per_month
        sums = [each.reshape(windows, series) / months for each in simulate(*flat, self.lead_time)]
        return Stock(*sums)


def simulate(demand: Array, target: Array, lead_time: int) -> tuple[Array, Array, Array]:
    """Follow the stock of each series: units held, short, and asked for, all (series,). It begins
    with the first target in stock and nothing on order. Counting begins when the first order can
    arrive: what happens before is not the policy's doing. ``demand`` is (series, periods);
    ``target`` (series, orders), as later orders would arrive after the window."""
    series, periods = demand.shape
    dust = TINY * demand.max(axis=1)
    stock, on_order = target[:, 0].copy(), np.zeros(series)
    arriving = np.zeros((series, periods + lead_time))
    held, short = np.zeros(series), np.zeros(series)
    for period in range(periods):
        if period < target.shape[1]:
            order = np.maximum(target[:, period] - stock - on_order, 0)
            arriving[:, period + lead_time] = order
            on_order += order
        stock += arriving[:, period]
        on_order -= arriving[:, period]
        left = stock - demand[:, period]
        stock = np.where(left > dust, left, 0)
        if period >= lead_time:
            held += stock
            short += np.where(left < -dust, -left, 0)
    return held, short, demand[:, lead_time:].sum(axis=1)


def lead_time_sums(values: Array, lead_time: int) -> Array:
    """Sums over ``lead_time + 1`` periods: (..., periods) to (..., periods - lead_time)."""
    windows = np.lib.stride_tricks.sliding_window_view(values, lead_time + 1, axis=-1)
    return np.asarray(windows.sum(axis=-1), dtype=float)


def quantile(levels: Array, quantiles: Array, level: float) -> Array:
    """The quantile at ``level``, by straight lines, none beyond the ends: of the last axis."""
    level = float(np.clip(level, levels[0], levels[-1]))
    right = int(np.clip(np.searchsorted(levels, level), 1, len(levels) - 1))
    share = (level - levels[right - 1]) / (levels[right] - levels[right - 1])
    return np.asarray(quantiles[..., right - 1] * (1 - share) + quantiles[..., right] * share)


def targets(levels: Array, quantiles: Array, service_level: float, whole: bool) -> Array:
    """Order-up-to levels that last with probability ``service_level``: (..., levels) to (...). They
    are rounded up where demand comes in ``whole`` units."""
    exact = np.maximum(quantile(levels, quantiles, service_level), 0)
    return round_up(exact) if whole else exact


def round_up(units: Array) -> Array:
    """To whole units; what floats leave over does not count."""
    return np.asarray(np.ceil(units - ROUNDING))


def level_in_theory(prices: Prices) -> float:
    """The newsvendor's critical ratio: what costs least in a single period (Arrow et al. 1951).
    Where orders take time and lost demand is not served later, stock lasts longer than the theory
    thinks, and a lower level may cost less."""
    return prices.stockout_cost / (prices.stockout_cost + prices.holding_cost)


def sensitivity(model: Stock, rule: Stock, prices: Prices) -> list[dict[str, Any]]:
    """The saving against the rule when one price moves, and the level with it. First stands the
    price that moves it over the widest range. ``model`` is by service level; each window's level is
    the cheapest of the other windows."""
    rows = []
    for name in ("holding_cost", "stockout_cost"):
        savings = []
        for factor in (1 - SWING, 1 + SWING, 1):
            now = prices.model_copy(update={name: factor * getattr(prices, name)})
            savings.append(float(rule.monthly(now) - model.blind(now).monthly(now)))
        row = {"price": name.replace("_", " "), "swing": SWING}
        row |= {"if_lower": savings[0], "if_higher": savings[1]}
        rows.append((np.ptp(savings), row))
    return [row for _, row in sorted(rows, key=lambda pair: -pair[0])]


def compare(
    policies: dict[str, tuple[str, Stock]], prices: Prices, mean: Mean
) -> list[dict[str, Any]]:
    """What each policy costs a month and serves, and what the model's saves against it. Savings are
    of all series together: differences in pairs, in the same windows."""
    rows, model = [], policies[MODEL][1].cost(prices)
    for key, (name, stock) in policies.items():
        saved = asdict(mean(model.shape[1] * (stock.cost(prices) - model)))
        row: dict[str, Any] = {"key": key, "name": name, "cost": stock.monthly(prices)}
        row |= {"fill_rate": stock.fill_rate, "saved": None if key == MODEL else saved}
        rows.append(row)
    return rows


def summarise(seen: Trial, last: Trial, model: str, prices: Prices, mean: Mean) -> dict[str, Any]:
    """The ``summary`` that every project reports, and this project's ``detail``. ``seen`` are the
    validation windows, ``last`` the one kept for the end; ``model`` is what the chosen model is
    called."""
    by_level, naive, rule = seen.by_level(MODEL), seen.by_level(NAIVE), seen.by_rule()
    costs, theory = by_level.monthly(prices), level_in_theory(prices)
    level, known = float(SERVICE_LEVELS[costs.argmin()]), np.clip(theory, *seen.levels[[0, -1]])
    foretold = lead_time_sums(seen.demand, seen.lead_time)  # the bound of what can be saved
    nearest = f"the same at newsvendor's {theory:.1%}"
    if known != theory:
        nearest = f"the same at {known:.1%} (newsvendor's {theory:.1%} is out of reach)"
    policies = {
        MODEL: (f"forecast ({model})", by_level.blind(prices)),
        THEORY: (nearest, seen.at_level(MODEL, known)),
        NAIVE: ("seasonal naive, same policy", naive.blind(prices)),
        RULE: (seen.rule, rule),
        FORESIGHT: ("perfect foresight", seen.replay(foretold)),
    }
    rows = compare(policies, prices, mean)
    saved = next(row["saved"] for row in rows if row["key"] == RULE)
    said = headline(saved, model, seen.rule, seen.step, prices)
    summary = {"headline": said, "assumption": assumption(prices, seen.step)}
    summary |= {"currency": prices.currency, "per": "month", **saved}
    tested = last.by_rule().monthly(prices) - last.at_level(MODEL, level).monthly(prices)
    curve = {"service_level": SERVICE_LEVELS, MODEL: costs, NAIVE: naive.monthly(prices)}
    curve |= {k: getattr(by_level, k).sum(axis=2).mean(axis=1) for k in ("held", "short")}
    detail = {"service_level": level, "level_in_theory": theory, "curve": curve, "policies": rows}
    detail |= {"saved_in_test": tested, "sensitivity": sensitivity(by_level, rule, prices)}
    detail |= {"lead_time": seen.lead_time, "prices": prices.model_dump()}
    return {"summary": summary, "detail": detail}


def assumption(prices: Prices, step: str) -> str:
    """The prices that every figure of money rests on."""
    held, short = (f"{price:,.12g}" for price in (prices.holding_cost, prices.stockout_cost))
    return f"if a unit left over costs {held} {prices.currency} a {step}, one missing {short}"


def headline(saved: dict[str, float], model: str, rule: str, step: str, prices: Prices) -> str:
    """The finding in one sentence that claims no more than its interval holds. ``saved`` is ``value
    low high`` of the money saved a month against ordering by ``rule``."""
    start, width = assumption(prices, step), saved["high"] - saved["low"]
    what = f"I{start[1:]}, ordering by forecast ({model})"
    month, rule = f"{prices.currency} a month", f"the rule \u201c{rule}\u201d"
    if not (saved["low"] > 0 or saved["high"] < 0):
        low, high = amount(saved["low"], width), amount(saved["high"], width)
        said = f"the difference may be chance ({low} to {high} {month})"
        return f"{what} does about as well as {rule}: {said}"
    low, value, high = (amount(end, width) for end in sorted(map(abs, saved.values())))
    verb = "costs" if saved["value"] < 0 else "saves"
    return f"{what} {verb} about {value} {month} in simulation ({low} to {high}) against {rule}"
