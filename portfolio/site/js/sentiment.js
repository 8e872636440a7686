/**
 * The review model: whether a text is a good review, which of its words say so, and whether
 * somebody should read it.
 *
 * `words` and `features` are the project's `features.py`, `Predictor` its `predictor.py`.
 */

import { metadata, open } from "./onnx.js";
import {
  announcer, bars, facts, field, load, make, number, oneAtATime, percent, rounded,
} from "./shared.js";

/**
 * A word as the model sees it, and where it stands in the text.
 * @typedef {{token: string, start: number, end: number}} Word
 *
 * Something that the model counts, and the places of the words that it is made of.
 * @typedef {{name: string, words: number[]}} Feature
 *
 * @typedef {{currency: string, customer_value: number, win_back: number,
 *   reading_cost: number}} Prices
 * @typedef {{probability: number, label: string, decision: string, expected_value: number}} Answer
 * @typedef {{feature: string, value: number, contribution: number}} Reason
 */

const CUT = 0.5; // a review is called positive from this probability on
const PART_SIZE = 4; // letters in a part of a word
const LONGEST = 60; // letters; the parts of a longer word tell nothing
const LIMIT = 20_000; // characters of a text
const SHOWN = 10; // words in the table
const MOST = 40; // percent of colour behind the strongest word: darker, and it could not be read
const EXAMPLES = [
  "Great screen and a wonderful sound, but the battery is not reliable.",
  "Arrived two weeks late, and the seller never answered. I want my money back!",
  "Does what it should. I would buy it again :)",
];

// Chinese and Japanese put no blanks between words: each of their characters counts as one.
const ALONE = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff";
// As Python has them: letters, what counts, and what parts words.
const INSIDE = "[\\p{L}\\p{N}_]";
const LETTER = `(?![${ALONE}])[\\p{L}\\p{N}]`;
const BLANK =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const MARK = "(?![\\u{1e000}-\\u{10ffff}])\\p{M}"; // accents and vowel signs
const APOSTROPHE = "(?:['\\u2019]|&(?:#0?39|#8217|apos|rsquo);)";
const WORD = new RegExp(
  // Nothing of markup, links and names of users is a word.
  `</?[a-zA-Z][^<>]*>|&(?:#${INSIDE}+|[A-Za-z][a-z]+);|(?:https?://|www\\.)[^${BLANK}]+|` +
    `(?<![\\p{L}\\p{N}_.])@${INSIDE}+|` +
    `([:;=]-?[\\(\\)D](?!${INSIDE})|` + // :) ;-( =D
    `[${ALONE}]|` +
    `(?:${LETTER})+(?:${APOSTROPHE}+(?:${LETTER})+|(?:${MARK})+(?:${LETTER})*)*|` + // don't
    "[!?\\uff01\\uff1f]|" +
    "[\\u2300-\\u23ff\\u2600-\\u27bf\\u2b00-\\u2bff\\u{1f000}-\\u{1faff}])", // one emoji
  "gu",
);
const APOSTROPHES = new RegExp(APOSTROPHE, "gu");

/**
 * The words, numbers, emoji, exclamation and question marks of a text, in order.
 * @param {string} text @returns {Word[]}
 */
export function words(text) {
  const found = [...text.matchAll(WORD)].filter((match) => match[1] !== undefined);
  return found.map((match) => ({
    token: token(match[1]),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** @param {string} found @returns {string} in lower case, with one kind of apostrophe */
function token(found) {
  const text = found.toLowerCase().replaceAll("\u2019", "'");
  return (text.includes("&") ? text.replace(APOSTROPHES, "'") : text).normalize("NFC");
}

/**
 * Every word, every pair of neighbours, and every part of a word, with where they come from.
 * @param {string[]} tokens @returns {Feature[]}
 */
export function features(tokens) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  const add = (/** @type {string} */ name, /** @type {number[]} */ ...where) => {
    places.set(name, [...(places.get(name) ?? []), ...where]);
  };
  tokens.forEach((one, place) => add(one, place));
  tokens.slice(1).forEach((one, place) => add(`${tokens[place]}_${one}`, place, place + 1));
  tokens.forEach((one, place) => parts(one).forEach((part) => add(part, place)));
  return [...places].map(([name, where]) => ({ name, words: where }));
}

/** @param {string} one a token @returns {string[]} its parts of four letters */
function parts(one) {
  const letters = [...one];
  if (letters.length > LONGEST) return [];
  const whole = ["<", ...letters, ">"];
  const count = Math.max(0, whole.length - PART_SIZE + 1);
  return Array.from({ length: count }, (_, start) =>
    `#${whole.slice(start, start + PART_SIZE).join("")}`,
  );
}

/** An exported model that counts words, pairs and parts of words. */
export class Predictor {
  /** @param {object} session @param {Function} Tensor @param {string[]} vocabulary */
  constructor(session, Tensor, vocabulary) {
    this.session = session;
    this.Tensor = Tensor;
    this.places = new Map(vocabulary.map((name, place) => [name, place]));
  }

  /**
   * @param {string} text @param {Prices} prices @returns {Promise<Answer>}
   */
  async predict(text, prices) {
    const counted = features(words(text).map((word) => word.token));
    const found = await this.#run("probability", counted);
    return decide(rounded(found[0]), prices);
  }

  /**
   * The words of a text, and what each adds to the log-odds.
   * @param {string} text @returns {Promise<{words: Word[], added: number[]}>}
   */
  async contributions(text) {
    const found = words(text);
    const counted = features(found.map((word) => word.token));
    const effects = await this.#run("effects", counted);
    const added = found.map(() => 0);
    for (const feature of counted) {
      const place = this.places.get(feature.name);
      if (place === undefined) continue;
      for (const word of feature.words) added[word] += effects[place] / feature.words.length;
    }
    return { words: found, added };
  }

  /**
   * @param {string} output @param {Feature[]} counted @returns {Promise<Float32Array>}
   */
  async #run(output, counted) {
    const names = counted.length ? counted.map(({ name }) => name) : [""];
    const feed = { names: new this.Tensor("string", names, [1, names.length]) };
    return (await this.session.run(feed, [output]))[output].data;
  }
}

/**
 * The words behind a prediction, strongest first; `value` is how often a word occurs.
 * @param {{words: Word[], added: number[]}} found @returns {Reason[]}
 */
export function reasons({ words: listed, added }) {
  /** @type {Map<string, Reason>} */
  const byToken = new Map();
  listed.forEach((word, place) => {
    const reason = byToken.get(word.token) ?? { feature: word.token, value: 0, contribution: 0 };
    reason.value += 1;
    reason.contribution += added[place];
    byToken.set(word.token, reason);
  });
  const all = [...byToken.values()];
  all.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return all.map((one) => ({ ...one, contribution: rounded(one.contribution) }));
}

/**
 * @param {number} probability @param {Prices} prices @returns {Answer}
 */
function decide(probability, prices) {
  const value = (1 - probability) * (prices.win_back * prices.customer_value) - prices.reading_cost;
  return {
    probability,
    label: probability >= CUT ? "positive" : "negative",
    decision: value > 0 ? "read" : "skip",
    expected_value: rounded(value),
  };
}

/**
 * The published model, loaded.
 * @param {object} data what `demos/sentiment.py` wrote @returns {Promise<Predictor>}
 */
export async function loaded(data) {
  const bytes = await load(data.model);
  const vocabulary = JSON.parse(metadata(bytes).vocabulary);
  const { session, Tensor } = await open(bytes, data.runtime);
  return new Predictor(session, Tensor, vocabulary);
}

/**
 * Show the demo.
 * @param {HTMLElement} place @param {object} data what `demos/sentiment.py` wrote
 */
export async function show(place, data) {
  const predictor = await loaded(data);
  const review = make("textarea", { rows: 4, maxlength: LIMIT, spellcheck: "false" });
  review.value = EXAMPLES[0];
  const summary = make("dl", { class: "facts" });
  const result = make("div", { class: "result good" });
  const { element, say } = announcer();
  const answer = oneAtATime(async () => {
    const text = review.value;
    const found = await predictor.predict(text, data.prices);
    const because = await predictor.contributions(text);
    summary.replaceChildren(...facts(answered(found, data.prices)));
    result.replaceChildren(coloured(text, because), ...table(because));
    say(inWords(found, because));
  }, (error) => result.replaceChildren(make("p", {}, `No answer: ${error.message}`)));
  review.addEventListener("input", answer);
  await answer();
  const fields = make("fieldset", {}, make("legend", {}, "A review"), field("Text", review));
  fields.append(examples(review, answer));
  place.replaceChildren(fields, summary, result, element);
}

/**
 * @param {HTMLTextAreaElement} review @param {() => void} changed @returns {HTMLElement}
 */
function examples(review, changed) {
  const buttons = EXAMPLES.map((text, place) => {
    const button = make("button", { type: "button" }, `Example ${place + 1}`);
    button.addEventListener("click", () => {
      review.value = text;
      changed();
    });
    return make("li", {}, button);
  });
  return make("ul", { class: "chosen", "aria-label": "Examples" }, ...buttons);
}

/** @param {Answer} answer @param {Prices} prices @returns {[string, string][]} */
function answered(answer, { currency }) {
  return [
    ["Probability of a good review", percent(answer.probability)],
    ["Decision", answer.decision],
    ["Value of reading it", `${number(answer.expected_value)} ${currency}`],
  ];
}

/**
 * The text with a ground behind each word: the stronger, the darker.
 * @param {string} text @param {{words: Word[], added: number[]}} found @returns {HTMLElement}
 */
function coloured(text, { words: listed, added }) {
  const strongest = Math.max(...added.map(Math.abs), 1e-6);
  const shown = make("p", { class: "coloured", "aria-hidden": "true" });
  let done = 0;
  listed.forEach(({ start, end }, place) => {
    const word = make("span", { class: added[place] > 0 ? "for" : "against" });
    word.append(text.slice(start, end));
    const strength = Math.round((MOST * Math.abs(added[place])) / strongest);
    word.style.setProperty("--strength", `${strength}%`);
    shown.append(text.slice(done, start), word);
    done = end;
  });
  shown.append(text.slice(done));
  return shown;
}

/** @param {{words: Word[], added: number[]}} found @returns {HTMLElement[]} */
function table(found) {
  const strongest = reasons(found).slice(0, SHOWN);
  if (!strongest.length) return [make("p", {}, "There is no word in it.")];
  const rows = strongest.map(({ feature, value, contribution }) => ({
    name: value > 1 ? `${feature} (${value} times)` : feature,
    value: contribution,
  }));
  const header = ["Word", "Effect on log-odds: left against, right for a good review"];
  return [bars("Strongest words", /** @type {[string, string]} */ (header), rows)];
}

/**
 * @param {Answer} answer @param {{words: Word[], added: number[]}} found @returns {string}
 */
function inWords({ probability, decision }, found) {
  const strongest = reasons(found).slice(0, 3).map(({ feature }) => feature);
  const because = strongest.length ? ` Strongest words: ${strongest.join(", ")}.` : "";
  return `Probability of a good review ${percent(probability)}: ${decision}.${because}`;
}
