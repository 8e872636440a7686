/**
 * The forecasts: what is to come of a series, what that is made of, and how much to order.
 *
 * `Predictor` is the project's `predictor.py`, with the arithmetic of its `money.py`.
 */

import { arrays } from "./arrays.js";
import {
  announcer, around, bars, draw, drawing, facts, field, load, make, number, percent, points,
  rounded, slider,
} from "./shared.js";

/**
 * @typedef {{ds: string, yhat: number, low_80: number, high_80: number, low_95: number,
 *   high_95: number}} Step
 * @typedef {{unique_id: string, service_level: number, order_up_to: number, quantity: number,
 *   cost_per_month: number}} Order
 * @typedef {{ds: string, feature: string, value: number | null, contribution: number}} Reason
 * @typedef {{currency: string, holding_cost: number, stockout_cost: number}} Prices
 */

const ENDS = { low_80: 0.1, high_80: 0.9, low_95: 0.025, high_95: 0.975 };
const ROUNDING = 1e-4; // what floats may leave over, of a unit
const SEASONS = 10; // of the past, before the forecast
const PLOT = { width: 480, height: 260, left: 74, right: 12, top: 14, bottom: 32 };

/** Published forecasts. */
export class Predictor {
  /** @param {Record<string, import("./arrays.js").Numbers>} found @param {object} data */
  constructor(found, data) {
    this.data = data;
    /** @type {Record<string, ArrayLike<number>>} */
    this.of = Object.fromEntries(Object.entries(found).map(([name, { data: all }]) => [name, all]));
    this.levels = Array.from(this.of.levels);
    this.rows = new Map(data.ids.map((name, row) => [name, row]));
  }

  /** @param {string} array @param {number} start @param {number} count @returns {number[]} */
  #slice(array, start, count) {
    return Array.from(this.of[array].slice(start, start + count));
  }

  /**
   * The forecast of each step with its 80 % and 95 % interval.
   * @param {string} id @returns {Step[]}
   */
  forecast(id) {
    const row = this.rows.get(id);
    const { dates } = this.data;
    return dates.map((ds, step) => {
      const mean = this.of.forecasts[row * dates.length + step];
      const offsets = this.#slice("offsets", step * this.levels.length, this.levels.length);
      const found = offsets.map((one) => Math.max(0, mean + this.of.scale[row] * one));
      const ends = Object.entries(ENDS).map(([name, level]) => [
        name,
        rounded(quantile(this.levels, found, level)),
      ]);
      return { ds, yhat: rounded(mean), ...Object.fromEntries(ends) };
    });
  }

  /**
   * What each forecast is made of, step after step, strongest part first.
   * @param {string} id @returns {Reason[]}
   */
  explain(id) {
    const { dates, features } = this.data;
    return dates.flatMap((ds, step) => {
      const start = (this.rows.get(id) * dates.length + step) * features.length;
      const added = this.#slice("contributions", start, features.length);
      const values = this.#slice("values", start, features.length);
      const order = added.map((_, place) => place);
      order.sort((a, b) => Math.abs(added[b]) - Math.abs(added[a]));
      return order.map((place) => ({
        ds,
        feature: features[place],
        value: Number.isNaN(values[place]) ? null : rounded(values[place]),
        contribution: rounded(added[place]),
      }));
    });
  }

  /** @param {Prices} prices @returns {number[]} money a month at each service level */
  costs({ holding_cost: holding, stockout_cost: stockout }) {
    const { held, short } = this.data.curve;
    return held.map((units, place) => holding * units + stockout * short[place]);
  }

  /** @param {Prices} prices @returns {number} the service level that costs least */
  best(prices) {
    const costs = this.costs(prices);
    return this.data.service_levels[costs.indexOf(Math.min(...costs))];
  }

  /**
   * How much to order now, before the first step's demand.
   * @param {string} id @param {number | null} wanted a service level; null: the cheapest
   * @param {number} onHand @param {number} onOrder @param {Prices} prices @returns {Order}
   */
  order(id, wanted, onHand, onOrder, prices = this.data.prices) {
    const row = this.rows.get(id);
    const { dates, signature, service_levels: known } = this.data;
    const level = clip(wanted ?? this.best(prices), known[0], known.at(-1));
    const steps = this.#slice("forecasts", row * dates.length, signature.lead_time + 1);
    const center = steps.reduce((sum, one) => sum + one, 0);
    const totals = this.#slice("total_offsets", 0, this.levels.length);
    const found = totals.map((one) => center + this.of.scale[row] * one);
    const exact = Math.max(quantile(this.levels, found, level), 0);
    const target = signature.whole ? roundUp(exact) : exact;
    const left = Math.max(0, target - onHand - onOrder);
    return {
      unique_id: id,
      service_level: rounded(level),
      order_up_to: signature.whole ? target : rounded(target),
      quantity: signature.whole ? roundUp(left) : rounded(left),
      cost_per_month: rounded(between(known, this.costs(prices), level)),
    };
  }

  /** @param {string} id @returns {{ds: string, y: number}[]} the seasons before the forecast */
  past(id) {
    const { history_dates: dates, signature } = this.data;
    const values = this.#slice("history", this.rows.get(id) * dates.length, dates.length);
    const known = dates.map((ds, place) => ({ ds, y: values[place] }));
    return known.filter(({ y }) => !Number.isNaN(y)).slice(-SEASONS * signature.season_length);
  }
}

/** @param {number} value @param {number} low @param {number} high @returns {number} */
function clip(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** @param {number} units @returns {number} to whole units; what floats leave over counts nothing */
function roundUp(units) {
  return Math.max(0, Math.ceil(units - ROUNDING));
}

/**
 * The quantile at a level, by straight lines, none beyond the ends.
 * @param {number[]} levels @param {number[]} quantiles @param {number} level @returns {number}
 */
function quantile(levels, quantiles, level) {
  return between(levels, quantiles, clip(level, levels[0], levels.at(-1)));
}

/**
 * The height at a place on a line through points, the place between the first and the last.
 * @param {number[]} xs ascending @param {number[]} ys @param {number} x @returns {number}
 */
function between(xs, ys, x) {
  const right = clip(xs.findIndex((one) => one >= x), 1, xs.length - 1);
  const share = (x - xs[right - 1]) / (xs[right] - xs[right - 1]);
  return ys[right - 1] * (1 - share) + ys[right] * share;
}

/**
 * The published forecasts, loaded.
 * @param {object} data what `demos/demand.py` wrote @returns {Promise<Predictor>}
 */
export async function loaded(data) {
  return new Predictor(arrays(await load(data.model)), data);
}

/**
 * Show the demo.
 * @param {HTMLElement} place @param {object} data what `demos/demand.py` wrote
 */
export async function show(place, data) {
  const predictor = await loaded(data);
  const series = select(data.ids);
  const day = select(data.dates);
  const stock = controls(predictor);
  const [ahead, why, summary] = [make("div"), make("div", { class: "good" }), make("dl")];
  summary.className = "facts still";
  const { element, say } = announcer();
  const order = () => {
    const { level, onHand, onOrder, prices } = stock.read();
    const found = predictor.order(series.value, level, onHand, onOrder, prices);
    summary.replaceChildren(...facts(answered(found, prices)));
    say(
      `Order ${number(found.quantity)} of ${series.value}, at a service level of ` +
        `${percent(level)}: ${number(found.cost_per_month, 0)} ${prices.currency} a month.`,
    );
  };
  const explain = () => {
    why.replaceChildren(because(predictor.explain(series.value), day.value));
    say(`${series.value} on ${day.value}: ${why.querySelector("tbody tr")?.textContent ?? ""}`);
  };
  const all = () => {
    ahead.replaceChildren(...forecastOf(predictor, series.value));
    explain();
    order();
  };
  series.addEventListener("input", all);
  day.addEventListener("input", explain);
  stock.element.addEventListener("input", order);
  all();
  place.replaceChildren(
    make("fieldset", {}, make("legend", {}, "A series"), field("Series", series)),
    ahead, field("Why this much on", day), why, stock.element, summary, element,
  );
}

/** @param {string[]} names @returns {HTMLSelectElement} */
function select(names) {
  return make("select", {}, ...names.map((one) => make("option", { value: one }, one)));
}

/**
 * What orders depend on.
 * @param {Predictor} predictor
 * @returns {{element: HTMLElement, read: () => {level: number, onHand: number, onOrder: number,
 *   prices: Prices}}}
 */
function controls(predictor) {
  const { prices, service_levels: levels } = predictor.data;
  const money = (/** @type {number} */ value) => `${number(value)} ${prices.currency}`;
  const range = { start: predictor.best(prices), low: levels[0], top: levels.at(-1), step: 0.005 };
  const level = slider("Service level", range, percent);
  const holding = slider("Holding a unit, a period", around(prices.holding_cost), money);
  const stockout = slider("Being short of one", around(prices.stockout_cost), money);
  const [onHand, onOrder] = [0, 0].map((value) => {
    return make("input", { type: "number", min: 0, step: "any", inputmode: "decimal", value });
  });
  const fields = [field("In stock, units", onHand), field("On order, units", onOrder)];
  const sliders = [level.field, holding.field, stockout.field];
  const legend = make("legend", {}, "An order");
  const element = make("fieldset", { class: "fields" }, legend, ...fields, ...sliders);
  const read = () => ({
    level: level.value(),
    onHand: Number(onHand.value),
    onOrder: Number(onOrder.value),
    prices: {
      ...prices,
      holding_cost: holding.value(),
      stockout_cost: stockout.value(),
    },
  });
  return { element, read };
}

/** @param {Order} order @param {Prices} prices @returns {[string, string][]} */
function answered(order, { currency }) {
  return [
    ["Order now, units", number(order.quantity)],
    ["Fills up to, units", number(order.order_up_to)],
    ["Cost a month, all series", `${number(order.cost_per_month, 0)} ${currency}`],
  ];
}

/** @param {Reason[]} reasons @param {string} day @returns {HTMLElement} */
function because(reasons, day) {
  const rows = reasons.filter(({ ds }) => ds === day).map(({ feature, value, contribution }) => ({
    name: value === null ? feature : `${feature}: ${number(value, 4)}`,
    value: contribution,
  }));
  return bars(`What the forecast for ${day} is made of`, ["Input", "Units added"], rows);
}

/**
 * What was and what is to come, as a drawing and as a table.
 * @param {Predictor} predictor @param {string} id @returns {HTMLElement[]}
 */
function forecastOf(predictor, id) {
  const steps = predictor.forecast(id);
  const caption = "Grey: demand. Blue: forecast, with 80% and 95% intervals.";
  const figure = make("figure", {}, plot(predictor.past(id), steps));
  figure.append(make("figcaption", { class: "note" }, caption));
  return [figure, make("details", {}, make("summary", {}, "As a table"), table(steps))];
}

/** @param {Step[]} steps @returns {HTMLElement} */
function table(steps) {
  const header = ["Date", "Forecast", "80% interval", "95% interval"];
  const heads = header.map((name) => make("th", { scope: "col" }, name));
  const lines = steps.map((one) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, one.ds),
      make("td", {}, number(one.yhat)),
      make("td", {}, `${number(one.low_80)} to ${number(one.high_80)}`),
      make("td", {}, `${number(one.low_95)} to ${number(one.high_95)}`),
    ),
  );
  const whole = make("table", {}, make("thead", {}, make("tr", {}, ...heads)));
  whole.append(make("tbody", {}, ...lines));
  return make("section", { class: "scroll", "aria-label": "Forecasts", tabindex: 0 }, whole);
}

/**
 * @param {{ds: string, y: number}[]} past @param {Step[]} steps @returns {SVGElement}
 */
function plot(past, steps) {
  const most = Math.max(...past.map(({ y }) => y), ...steps.map((one) => one.high_95)) || 1;
  const count = past.length + steps.length - 1;
  const bottom = PLOT.height - PLOT.bottom;
  const x = (/** @type {number} */ place) =>
    PLOT.left + (place / Math.max(count, 1)) * (PLOT.width - PLOT.left - PLOT.right);
  const y = (/** @type {number} */ units) => bottom - (units / most) * (bottom - PLOT.top);
  const ahead = steps.map((_, place) => x(past.length + place));
  const band = (/** @type {"80" | "95"} */ of, /** @type {string} */ name) => {
    const [low, high] = [`low_${of}`, `high_${of}`].map((end) => steps.map((one) => y(one[end])));
    const around = points([...ahead, ...ahead.toReversed()], [...low, ...high.toReversed()]);
    return draw("polygon", { points: around, class: name });
  };
  const was = points(past.map((_, place) => x(place)), past.map((one) => y(one.y)));
  return drawing(
    PLOT.width,
    PLOT.height,
    draw("line", { x1: x(0), x2: x(count), y1: y(0), y2: y(0), class: "axis" }),
    band("95", "wide"),
    band("80", "near"),
    draw("polyline", { points: was, class: "past" }),
    draw("polyline", { points: points(ahead, steps.map((one) => y(one.yhat))) }),
    draw("text", { x: PLOT.left - 6, y: y(most) + 5, "text-anchor": "end" }, number(most, 0)),
    draw("text", { x: PLOT.left - 6, y: y(0) + 5, "text-anchor": "end" }, "0"),
    draw("text", { x: x(0), y: PLOT.height - 6 }, past[0]?.ds ?? steps[0].ds),
    draw("text", { x: x(count), y: PLOT.height - 6, "text-anchor": "end" }, steps.at(-1).ds),
  );
}
