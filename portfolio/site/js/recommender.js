/**
 * The recommender: what the published model recommends to whoever likes some titles, and why.
 *
 * `Predictor` is the project's `predictor.py` for people whom the model does not know.
 */

import { arrays } from "./arrays.js";
import { announcer, bars, field, load, make, rounded } from "./shared.js";

/**
 * @typedef {{item: string, title: string, score: number}} Item
 * @typedef {{basis: "liked" | "popular", items: Item[]}} Answer
 * @typedef {{item: string, feature: string, value: string | null, contribution: number}} Reason
 * @typedef {import("./arrays.js").Numbers} Numbers
 *
 * What a like of an item adds to the score of each item.
 * @typedef {{bias: Float32Array, added: (liked: number[]) => ArrayLike<number>,
 *   one: (liked: number, item: number) => number}} Model
 */

const STRONGEST = 5; // reasons named for each recommendation; the others are added up
const NAMED = 3; // titles beside a recommendation

/**
 * Scores as a short vector of the user times one of the item.
 * @param {Record<string, Numbers>} found @returns {Model}
 */
function factors({ bias, inputs, outputs }) {
  const [items, size] = inputs.shape;
  const product = (/** @type {ArrayLike<number>} */ user, /** @type {number} */ item) => {
    let sum = 0;
    for (let place = 0; place < size; place += 1) {
      sum += user[place] * outputs.data[item * size + place];
    }
    return sum;
  };
  const vector = (/** @type {number} */ item) =>
    inputs.data.subarray(item * size, (item + 1) * size);
  const added = (/** @type {number[]} */ liked) => {
    const user = new Float32Array(size);
    for (const item of liked) vector(item).forEach((one, place) => (user[place] += one));
    return Float32Array.from({ length: items }, (_, item) => product(user, item));
  };
  const one = (/** @type {number} */ like, /** @type {number} */ item) =>
    product(vector(like), item);
  return { bias: bias.data, added, one };
}

/**
 * Scores as sums of weights, by row, without those that are zero.
 * @param {Record<string, Numbers>} found @returns {Model}
 */
function weights({ bias, starts, columns, values }) {
  const added = (/** @type {number[]} */ liked) => {
    const sums = new Float64Array(bias.data.length);
    for (const like of liked) {
      for (let place = starts.data[like]; place < starts.data[like + 1]; place += 1) {
        sums[columns.data[place]] += values.data[place];
      }
    }
    return sums;
  };
  const one = (/** @type {number} */ like, /** @type {number} */ item) => added([like])[item];
  return { bias: bias.data, added, one };
}

/** A published model with its catalogue. */
export class Predictor {
  /** @param {Model} model @param {{items: string[], titles: string[], k: number}} catalogue */
  constructor(model, { items, titles, k }) {
    this.model = model;
    this.items = items;
    this.titles = titles;
    this.k = k;
    this.codes = new Map(items.map((item, code) => [item, code]));
  }

  /**
   * The best items for whoever likes these, without them.
   * @param {string[]} liked ids @param {number} k how many @returns {Answer}
   */
  recommend(liked, k = this.k) {
    const likes = this.#known(liked);
    const added = this.model.added(likes);
    const scores = this.model.bias.map((bias, code) => bias + added[code]);
    for (const code of likes) scores[code] = -Infinity;
    const order = Array.from(scores.keys()).filter((code) => scores[code] > -Infinity);
    order.sort((a, b) => scores[b] - scores[a] || a - b);
    const items = order.slice(0, k).map((code) => ({
      item: this.items[code],
      title: this.titles[code],
      score: rounded(scores[code]),
    }));
    return { basis: likes.length ? "liked" : "popular", items };
  }

  /**
   * Why an item is recommended to whoever likes these, strongest reason first.
   * @param {string} item @param {string[]} liked @returns {Reason[]}
   */
  because(item, liked) {
    const code = /** @type {number} */ (this.codes.get(item));
    const reasons = this.#known(liked).map((like) => ({
      feature: this.titles[like],
      value: /** @type {string | null} */ (this.items[like]),
      added: this.model.one(like, code),
    }));
    reasons.sort((a, b) => Math.abs(b.added) - Math.abs(a.added));
    const others = reasons.splice(STRONGEST);
    if (others.length) {
      const sum = others.reduce((total, { added }) => total + added, 0);
      reasons.push({ feature: "all other likes", value: null, added: sum });
    }
    reasons.push({ feature: "popularity", value: null, added: this.model.bias[code] });
    return reasons.map(({ feature, value, added }) => (
      { item, feature, value, contribution: rounded(added) }
    ));
  }

  /** @param {string[]} liked @returns {number[]} the code of each, once */
  #known(liked) {
    return [...new Set(liked)].map((item) => /** @type {number} */ (this.codes.get(item)));
  }
}

/**
 * The published model, loaded.
 * @param {object} data what `demos/recommender.py` wrote @returns {Promise<Predictor>}
 */
export async function loaded(data) {
  const found = arrays(await load(data.model));
  return new Predictor(found.values ? weights(found) : factors(found), data);
}

/**
 * Show the demo.
 * @param {HTMLElement} place @param {object} data what `demos/recommender.py` wrote
 */
export async function show(place, data) {
  const predictor = await loaded(data);
  const chosen = predictor.recommend([], data.first).items.map(({ item }) => item);
  const result = make("div", { class: "result good" });
  const { element, say } = announcer();
  const update = () => {
    const { basis, items } = predictor.recommend(chosen);
    result.replaceChildren(list(predictor, items, chosen, basis));
    const titles = items.slice(0, NAMED).map(({ title }) => title);
    say(`${chosen.length} chosen. Recommended first: ${titles.join(", ") || "nothing is left"}.`);
  };
  const picker = choice(predictor, chosen, update);
  update();
  place.replaceChildren(picker, result, element);
}

/**
 * What to choose titles by, and those that are chosen.
 * @param {Predictor} predictor @param {string[]} chosen ids, which it changes
 * @param {() => void} changed @returns {HTMLElement}
 */
function choice(predictor, chosen, changed) {
  const names = labels(predictor);
  const options = [...names.keys()].map((name) => make("option", { value: name }));
  const titles = make("datalist", { id: "demo-titles" }, ...options);
  const input = make("input", { type: "text", list: "demo-titles", autocomplete: "off" });
  const likes = make("ul", { class: "chosen", "aria-label": "Chosen titles" });
  const draw = () => {
    likes.replaceChildren(...chosen.map((item) => like(predictor, item, () => remove(item))));
  };
  const remove = (/** @type {string} */ item) => {
    chosen.splice(chosen.indexOf(item), 1);
    draw();
    changed();
    input.focus();
  };
  const add = (/** @type {string | undefined} */ item) => {
    if (item === undefined) return;
    if (!chosen.includes(item)) chosen.push(item);
    input.value = "";
    draw();
    changed();
  };
  input.addEventListener("input", () => add(names.get(input.value)));
  input.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") add(nearest(names, input.value));
  });
  draw();
  const hint = "At first two that most people like. Type a part of a title, then Enter.";
  return make(
    "fieldset",
    {},
    make("legend", {}, "Titles that you like"),
    make("p", { class: "note" }, hint),
    field("Add a title", input),
    titles,
    likes,
  );
}

/**
 * @param {Predictor} predictor @param {string} item @param {() => void} remove
 * @returns {HTMLElement}
 */
function like(predictor, item, remove) {
  const title = predictor.titles[predictor.codes.get(item)];
  const button = make("button", { type: "button", "aria-label": `Remove ${title}` }, title, " ×");
  button.addEventListener("click", remove);
  return make("li", {}, button);
}

/**
 * What to call each item; one title may stand for several.
 * @param {Predictor} predictor @returns {Map<string, string>} the item's id by its name
 */
function labels({ items, titles }) {
  const times = new Map();
  for (const title of titles) times.set(title, (times.get(title) ?? 0) + 1);
  return new Map(
    titles.map((title, code) => [
      times.get(title) === 1 ? title : `${title} (${items[code]})`,
      items[code],
    ]),
  );
}

/**
 * @param {Map<string, string>} names @param {string} typed
 * @returns {string | undefined} the first item whose name has the typed words in it
 */
function nearest(names, typed) {
  const wanted = typed.trim().toLowerCase();
  const found = [...names].find(([name]) => wanted && name.toLowerCase().includes(wanted));
  return found?.[1];
}

/** @param {Reason[]} reasons @returns {string} the strongest likes that speak for an item */
function inWords(reasons) {
  const speaking = reasons.filter((one) => one.value !== null && one.contribution > 0);
  const titles = speaking.slice(0, NAMED).map(({ feature }) => feature);
  return titles.length ? ` because you liked ${titles.join(", ")}` : "";
}

/**
 * The recommendations; each opens to what every like adds to its score.
 * @param {Predictor} predictor @param {Item[]} items @param {string[]} chosen
 * @param {string} basis @returns {HTMLElement}
 */
function list(predictor, items, chosen, basis) {
  const what = basis === "liked" ? "Recommended" : "No title is chosen: the most popular";
  const lines = items.map(({ item, title, score }) => {
    const reasons = predictor.because(item, chosen);
    const why = make("span", { class: "note" }, inWords(reasons));
    const rows = reasons.map((one) => ({ name: one.feature, value: one.contribution }));
    return make(
      "li",
      {},
      make(
        "details",
        {},
        make("summary", {}, title, why),
        bars(`What adds up to its score of ${score}`, ["Like", "Adds to the score"], rows),
      ),
    );
  });
  return make("div", {}, make("p", {}, make("strong", {}, what)), make("ol", {}, ...lines));
}
