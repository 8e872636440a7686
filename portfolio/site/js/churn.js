/**
 * The churn model: what the published model says of a customer, why, and what an offer is worth.
 *
 * `Predictor` is the project's `predictor.py` and gives the same answers.
 */

import { open } from "./onnx.js";
import {
  announcer, around, bars, draw, drawing, facts, field, load, make, number, oneAtATime, percent,
  points, rounded, slider,
} from "./shared.js";

/**
 * A feature: a number with its quantiles and the range in which the model has seen it (null in
 * older models), or a category with the share of each value.
 * @typedef {{low: number, high: number, expected: string}} Range
 * @typedef {{name: string, type: "number", typical: number[], range: Range | null}} NumberColumn
 * @typedef {{name: string, type: "category", typical: [string, number][]}} CategoryColumn
 * @typedef {NumberColumn | CategoryColumn} Column
 *
 * A customer: what is known of each feature, by its place among the columns.
 * @typedef {(number | string | null)[]} Customer
 *
 * @typedef {{currency: string, customer_value: number, offer_cost: number,
 *   offer_acceptance: number, customers_per_year: number}} Prices
 * @typedef {{probability: number, decision: string, expected_value: number}} Answer
 * @typedef {{feature: string, value: number | string | null, contribution: number}} Reason
 * @typedef {{column: string, value: number | string, expected: string}} Warning
 *
 * Who of the test customers left (1 or 0), and how likely that was to the model.
 * @typedef {{y: number[], probability: number[]}} Test
 */

const MISSING = "(missing)"; // a missing category is a category
const SHOWN = 8; // reasons
const NEVER = 1.01; // the one threshold above 1
const CURVE = { width: 480, height: 260, left: 84, right: 30, top: 16, bottom: 30 };

/** An exported model with its columns. */
export class Predictor {
  /**
   * @param {object} session @param {Function} Tensor
   * @param {{columns: Column[], mean_of_middle: boolean}} data
   */
  constructor(session, Tensor, { columns, mean_of_middle: mean }) {
    this.session = session;
    this.Tensor = Tensor;
    this.columns = columns;
    /** A customer whose features are all typical. */
    this.typical = columns.map((column) => typicalValue(column, mean));
  }

  /**
   * Churn probability of each customer.
   * @param {Customer[]} customers @returns {Promise<number[]>}
   */
  async probabilities(customers) {
    const feed = Object.fromEntries(
      this.columns.map((column, place) => {
        const values = customers.map((customer) => customer[place]);
        return [this.session.inputNames[place], this.#input(column.type, values)];
      }),
    );
    const { probabilities } = await this.session.run(feed, ["probabilities"]);
    return customers.map((_, row) => probabilities.data[2 * row + 1]);
  }

  /** @param {string} type @param {Customer} values @returns {object} a tensor (n, 1) */
  #input(type, values) {
    const shape = [values.length, 1];
    if (type === "number") {
      return new this.Tensor("float32", Float32Array.from(values, (one) => one ?? NaN), shape);
    }
    return new this.Tensor("string", values.map((one) => one ?? MISSING), shape);
  }

  /**
   * @param {Customer[]} customers @param {Prices} prices @returns {Promise<Answer[]>}
   */
  async predict(customers, prices) {
    return (await this.probabilities(customers)).map((one) => decide(rounded(one), prices));
  }

  /**
   * Values that the model does not know, and what it expects: the nearest category, a range.
   * @param {Customer} own @returns {Warning[]}
   */
  warnings(own) {
    return this.columns.flatMap((column, place) => {
      const value = own[place];
      const expected = value === null || value === MISSING ? null : instead(column, value);
      return expected === null ? [] : [{ column: column.name, value, expected }];
    });
  }

  /**
   * The reasons for a prediction, strongest first, in log-odds.
   *
   * How far the log-odds move when a feature goes from its typical values to this customer's,
   * averaged over two extremes: all other features as this customer has them, and all typical.
   * @param {Customer} own @returns {Promise<Reason[]>}
   */
  async explain(own) {
    const last = await this.#effects(own, own);
    const first = await this.#effects(this.typical, own);
    const reasons = this.columns.map(({ name }, place) => ({
      feature: name,
      value: own[place],
      contribution: rounded((last[place] + first[place]) / 2),
    }));
    return reasons.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  }

  /**
   * For each feature: log-odds with its own value less those with typical ones.
   * @param {Customer} base @param {Customer} own @returns {Promise<number[]>}
   */
  async #effects(base, own) {
    const tried = this.columns.map((column, place) => [own[place], ...usual(column).values]);
    const rows = tried.flatMap((values, place) => values.map((value) => base.with(place, value)));
    const found = (await this.probabilities(rows)).map(logOdds).values();
    return this.columns.map((column) => {
      const now = found.next().value;
      const { shares } = usual(column);
      const total = shares.reduce((sum, share) => sum + share, 0);
      return now - shares.reduce((sum, share) => sum + share * found.next().value, 0) / total;
    });
  }
}

/**
 * @param {number} probability @param {Prices} prices @returns {Answer}
 */
export function decide(probability, prices) {
  const value = probability * (prices.offer_acceptance * prices.customer_value) - prices.offer_cost;
  return {
    probability,
    decision: value > 0 ? "contact" : "leave alone",
    expected_value: rounded(value),
  };
}

/** @param {number} probability @returns {number} */
function logOdds(probability) {
  const kept = Math.min(Math.max(probability, 1e-7), 1 - 1e-7);
  return Math.log(kept / (1 - kept));
}

/**
 * The values that a feature usually has, and how much each counts.
 * @param {Column} column @returns {{values: Customer, shares: number[]}}
 */
function usual(column) {
  if (column.type === "number") {
    return { values: column.typical, shares: column.typical.map(() => 1) };
  }
  return {
    values: column.typical.map(([value]) => value),
    shares: column.typical.map(([, share]) => share),
  };
}

/**
 * What is expected instead of a value; null where the model knows it.
 * @param {Column} column @param {number | string} value @returns {string | null}
 */
function instead(column, value) {
  if (column.type === "number") {
    const { range } = column;
    return range && (value < range.low || value > range.high) ? range.expected : null;
  }
  const names = column.typical.map(([name]) => name);
  return names.includes(/** @type {string} */ (value)) ? null : nearest(String(value), names);
}

/**
 * The name that has most letters in common with a value (Jaccard 1901).
 * @param {string} value @param {string[]} names @returns {string}
 */
function nearest(value, names) {
  const own = letters(value);
  const common = (/** @type {string} */ name) => {
    const others = letters(name);
    const shared = [...own].filter((one) => others.has(one)).length;
    return shared / (own.size + others.size - shared);
  };
  return names.reduce((most, name) => (common(name) > common(most) ? name : most));
}

/**
 * The letters of a text without their case, as Python folds it.
 * @param {string} text @returns {Set<string>}
 */
function letters(text) {
  const folded = [...text].map((one) =>
    one === "\u0131" ? one : one.toLowerCase().toUpperCase().toLowerCase(),
  );
  return new Set(folded.join(""));
}

/**
 * The median of a number, the most frequent category.
 * @param {Column} column @param {boolean} mean of the two middle numbers, or the upper of them
 * @returns {number | string}
 */
function typicalValue({ type, typical }, mean) {
  if (type === "number") {
    const upper = Math.floor(typical.length / 2);
    const lower = mean ? Math.ceil(typical.length / 2) - 1 : upper;
    return (typical[lower] + typical[upper]) / 2;
  }
  return typical.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/**
 * What contacting from each threshold on earns a year: from everybody, to nobody.
 * @param {Test} test @param {Prices} prices @returns {{threshold: number, profit: number}[]}
 */
export function profitCurve({ y, probability }, prices) {
  const ranked = y.map((left, place) => ({ left, at: probability[place] }));
  ranked.sort((a, b) => b.at - a.at);
  const found = [{ threshold: NEVER, profit: 0 }];
  let earned = 0;
  ranked.forEach(({ left, at }, place) => {
    earned += left * prices.offer_acceptance * prices.customer_value - prices.offer_cost;
    if (at !== ranked[place + 1]?.at) {
      found.push({ threshold: at, profit: (earned / y.length) * prices.customers_per_year });
    }
  });
  return found.reverse();
}

/** @param {Prices} prices @returns {number} the probability above which an offer pays */
export function breakEven(prices) {
  const worth = prices.offer_acceptance * prices.customer_value;
  return worth > 0 && worth >= prices.offer_cost ? prices.offer_cost / worth : NEVER;
}

/**
 * @param {Test} test @param {Prices} prices
 * @returns {{share: number, profit: number}} whom the model contacts, and what that earns a year
 */
export function earned({ y, probability }, prices) {
  const acted = probability.map((one) => decide(one, prices).decision === "contact");
  const worth = prices.offer_acceptance * prices.customer_value;
  const money = y.reduce(
    (sum, left, place) => sum + (acted[place] ? left * worth - prices.offer_cost : 0), 0,
  );
  const share = acted.filter(Boolean).length / y.length;
  return { share, profit: (money / y.length) * prices.customers_per_year };
}

/**
 * The published model, loaded.
 * @param {object} data what `demos/churn.py` wrote @returns {Promise<Predictor>}
 */
export async function loaded(data) {
  const { session, Tensor } = await open(await load(data.model), data.runtime);
  return new Predictor(session, Tensor, data);
}

/**
 * Show the demo.
 * @param {HTMLElement} place @param {object} data what `demos/churn.py` wrote
 */
export async function show(place, data) {
  const predictor = await loaded(data);
  const customer = form(predictor);
  const prices = priceSliders(data.prices);
  const summary = make("dl", { class: "facts" });
  const result = make("div", { class: "result" });
  const curve = make("div", { class: "result" });
  const { element, say } = announcer();
  const answer = oneAtATime(async () => {
    const own = customer.read();
    const [found] = await predictor.predict([own], prices.read());
    const reasons = await predictor.explain(own);
    const warnings = predictor.warnings(own);
    summary.replaceChildren(...facts(answered(found, prices.read())));
    result.replaceChildren(...warned(warnings), because(reasons));
    say(inWords(found, reasons[0], prices.read(), warnings));
  }, (error) => result.replaceChildren(make("p", {}, `No answer: ${error.message}`)));
  const drawCurve = () => curve.replaceChildren(...curveOf(data, prices.read()));
  customer.element.addEventListener("input", answer);
  prices.element.addEventListener("input", answer);
  prices.element.addEventListener("input", drawCurve);
  drawCurve();
  await answer();
  place.replaceChildren(customer.element, summary, result, prices.element, curve, element);
}

/**
 * The fields of a customer, at first a typical one.
 * @param {Predictor} predictor @returns {{element: HTMLElement, read: () => Customer}}
 */
function form({ columns, typical }) {
  const controls = columns.map((column, place) =>
    column.type === "number"
      ? entry(column.name, /** @type {number} */ (typical[place]))
      : choice(column, /** @type {string} */ (typical[place])),
  );
  const element = make(
    "fieldset",
    { class: "fields" },
    make("legend", {}, "One customer"),
    make("p", { class: "note" }, "At first a typical one. Leave empty what is not known."),
    ...controls.map((control) => control.element),
  );
  return { element, read: () => controls.map((control) => control.read()) };
}

/**
 * @param {string} name @param {number} typical
 * @returns {{element: HTMLElement, read: () => number | null}}
 */
function entry(name, typical) {
  const input = make("input", { type: "number", step: "any", inputmode: "decimal" });
  input.value = String(typical);
  const read = () => (input.value === "" ? null : Number(input.value));
  return { element: field(name, input), read };
}

/**
 * A category to choose, or another one to write.
 * @param {CategoryColumn} column @param {string} typical
 * @returns {{element: HTMLElement, read: () => string | null}}
 */
function choice({ name, typical: shares }, typical) {
  const values = new Set([...shares.map(([value]) => value), MISSING]);
  const options = [...values].map((one) => make("option", { value: one }, known(one)));
  const other = make("option", {}, "(another)");
  const select = make("select", {}, ...options, other);
  const written = make("input", { type: "text", "aria-label": `Another ${name}`, hidden: true });
  select.value = typical;
  select.addEventListener("input", () => {
    written.hidden = !other.selected;
  });
  const read = () => {
    const value = other.selected ? written.value.trim() : select.value;
    return value === "" || value === MISSING ? null : value;
  };
  return { element: make("div", { class: "choice" }, field(name, select), written), read };
}

/** @param {number | string | null} value @returns {string} */
function known(value) {
  if (value === null || value === MISSING) return "(not known)";
  return typeof value === "number" ? number(value, 12) : value;
}

/**
 * @param {Prices} published
 * @returns {{element: HTMLElement, read: () => Prices}}
 */
function priceSliders(published) {
  const { currency } = published;
  const money = (/** @type {number} */ value) => `${number(value)} ${currency}`;
  const { customer_value: value, offer_cost: cost, offer_acceptance: share } = published;
  const accepted = { start: share, top: 1 };
  const sliders = {
    customer_value: slider("Value of a customer who stays", around(value), money),
    offer_cost: slider("Cost of an offer", around(cost), money),
    offer_acceptance: slider("Share of the leaving who accept it", accepted, percent),
  };
  const fields = Object.values(sliders).map((one) => one.field);
  const legend = make("legend", {}, "Prices");
  const element = make("fieldset", { class: "fields" }, legend, ...fields);
  const read = () => ({
    ...published,
    ...Object.fromEntries(
      Object.entries(sliders).map(([name, { value: now }]) => [name, now()]),
    ),
  });
  return { element, read };
}

/** @param {Answer} answer @param {Prices} prices @returns {[string, string][]} */
function answered(answer, { currency }) {
  return [
    ["Probability of leaving", percent(answer.probability)],
    ["Decision", answer.decision],
    ["Value of an offer", `${number(answer.expected_value)} ${currency}`],
  ];
}

/** @param {Warning[]} warnings @returns {HTMLElement[]} */
function warned(warnings) {
  if (!warnings.length) return [];
  const rows = warnings.map(({ column, value, expected }) =>
    make("li", {}, `${column}: ${known(value)}, expected ${expected}`),
  );
  const what = make("p", {}, "Values that the model does not know, so that it guesses:");
  return [make("div", { class: "warned" }, what, make("ul", {}, ...rows))];
}

/** @param {Reason[]} reasons @returns {HTMLElement} */
function because(reasons) {
  return bars(
    "Strongest reasons, compared with typical customers",
    ["Feature", "Effect on log-odds: left lowers, right raises"],
    reasons.slice(0, SHOWN).map(({ feature, value, contribution }) => ({
      name: `${feature}: ${known(value)}`,
      value: contribution,
    })),
  );
}

/**
 * @param {Answer} answer @param {Reason} strongest @param {Prices} prices
 * @param {Warning[]} warnings @returns {string}
 */
function inWords(answer, strongest, { currency }, warnings) {
  const { probability, decision, expected_value: value } = answer;
  const unknown = warnings.map(({ column, expected }) => `${column}, expected ${expected}`);
  const guessed = unknown.length ? ` The model does not know ${unknown.join("; ")}.` : "";
  return (
    `Probability of leaving ${percent(probability)}: ${decision}. An offer is worth ` +
    `${number(value)} ${currency}. Strongest reason: ${strongest.feature}.${guessed}`
  );
}

/**
 * The profit curve with what it says.
 * @param {{test: Test, test_of: string | null}} data `test_of`: another model, whose answers it has
 * @param {Prices} prices @returns {HTMLElement[]}
 */
function curveOf({ test, test_of: other }, prices) {
  const found = profitCurve(test, prices);
  const { share, profit } = earned(test, prices);
  const pays = breakEven(prices);
  const unit = `${prices.currency} a year`;
  const everybody = found[0].profit;
  const what = pays === NEVER ? "No offer pays." : `An offer pays above ${percent(pays)}.`;
  const title = make(
    "p",
    { class: "note" },
    `${unit}, by the probability from which customers are contacted: everybody on the left, ` +
      "nobody on the right",
  );
  const caption = make(
    "figcaption",
    {},
    `${what} Contacting ${percent(share)} of the ${number(test.y.length)} test customers would ` +
      `earn ${number(profit, 0)} ${unit} with ${number(prices.customers_per_year)} customers; ` +
      `contacting everybody ${number(everybody, 0)}, nobody 0.` +
      (other ? ` By the answers of the published model, version ${other}.` : ""),
  );
  return [make("figure", {}, title, curve(found, pays), caption)];
}

/**
 * @param {{threshold: number, profit: number}[]} found @param {number} pays
 * @returns {SVGElement} which its caption describes
 */
function curve(found, pays) {
  const profits = found.map(({ profit }) => profit);
  const [low, high] = [Math.min(...profits), Math.max(...profits)];
  const span = high - low || 1;
  const x = (/** @type {number} */ at) =>
    CURVE.left + Math.min(at, 1) * (CURVE.width - CURVE.left - CURVE.right);
  const y = (/** @type {number} */ profit) =>
    CURVE.top + ((high - profit) / span) * (CURVE.height - CURVE.top - CURVE.bottom);
  const line = points(
    found.map(({ threshold }) => x(threshold)),
    profits.map(y),
  );
  const bottom = CURVE.height - CURVE.bottom;
  const tick = (/** @type {number} */ at) =>
    draw("text", { x: x(at), y: bottom + 22, "text-anchor": "middle" }, `${100 * at}%`);
  const level = (/** @type {number} */ profit) =>
    draw("text", { x: CURVE.left - 6, y: y(profit) + 5, "text-anchor": "end" }, number(profit, 0));
  const far = (/** @type {number} */ one) => one === 0 || Math.abs(y(one) - y(0)) > 16;
  const levels = [...new Set([low, 0, high])].filter(far);
  return drawing(
    CURVE.width,
    CURVE.height,
    draw("line", { x1: x(0), x2: x(1), y1: y(0), y2: y(0), class: "axis" }),
    draw("line", { x1: x(pays), x2: x(pays), y1: CURVE.top, y2: bottom, class: "mark" }),
    draw("polyline", { points: line }),
    ...[0, 0.5, 1].map(tick),
    ...levels.map(level),
  );
}
