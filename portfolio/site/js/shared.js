/**
 * What all demos share: loading what was published, and building the page from plain text.
 *
 * Nothing here takes HTML: all that a project says becomes text.
 */

/**
 * A file that a demo loads, and the checksum by which it is known.
 * @typedef {{file: string, sha256: string, version: string}} Model
 */

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 600; // milliseconds without a change before a screen reader is told the answer

/**
 * Load a model.
 * @param {Model} model
 * @returns {Promise<ArrayBuffer>} its bytes, which are those that were published
 * @throws {Error} it is not there, or its checksum differs
 */
export async function load(model) {
  const answer = await fetch(model.file);
  if (!answer.ok) throw new Error(`${model.file}: the server said ${answer.status}.`);
  const bytes = await answer.arrayBuffer();
  const found = hex(await crypto.subtle.digest("SHA-256", bytes));
  if (found !== model.sha256) {
    throw new Error(`${model.file} is not the model that was published: its checksum differs.`);
  }
  return bytes;
}

/** @param {ArrayBuffer} bytes @returns {string} */
function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
}

/**
 * A number with six significant digits, as the project's Python gives it.
 * @param {number} value @returns {number}
 */
export function rounded(value) {
  return Number(value.toPrecision(6));
}

/**
 * An element.
 * @param {string} tag
 * @param {Record<string, unknown>} attributes what is false, null or undefined is left out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * An element of a drawing.
 * @param {string} tag @param {Record<string, unknown>} attributes
 * @param {...(Node | string)} children @returns {SVGElement}
 */
export function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element @param {Record<string, unknown>} attributes
 * @param {(Node | string)[]} children
 * @returns {E}
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/**
 * Something to fill in, below its name.
 * @param {string} name @param {HTMLElement} control @returns {HTMLElement}
 */
export function field(name, control) {
  return make("label", { class: "field" }, make("span", {}, name), control);
}

/**
 * A slider that shows where it stands. Until it is moved, its value is exactly where it starts,
 * which may lie between two steps.
 * @param {string} name @param {{start: number, low?: number, top: number, step?: number}} range
 * @param {(value: number) => string} shown
 * @returns {{field: HTMLElement, value: () => number}}
 */
export function slider(name, { start, low = 0, top, step = hundredth(top) }, shown) {
  const input = make("input", { type: "range", min: low, max: top, step });
  // No `output`: readers would speak it after each step, beside the slider's own value.
  const output = make("b", {});
  let now = start;
  const say = () => {
    output.textContent = shown(now);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.value = String(start);
  input.addEventListener("input", () => {
    now = Number(input.value);
    say();
  });
  say();
  const label = make("span", {}, `${name}: `, output);
  return { field: make("label", { class: "field" }, label, input), value: () => now };
}

/** @param {number} top @returns {number} a round step of about a hundredth of it */
function hundredth(top) {
  return 10 ** Math.floor(Math.log10(top / 100));
}

/** @param {number} price @returns {{start: number, top: number}} the range of its slider */
export function around(price) {
  return { start: price, top: 4 * price || 100 };
}

/**
 * Facts for a `dl`, each below its name.
 * @param {[string, string][]} found @returns {HTMLElement[]}
 */
export function facts(found) {
  return found.map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)),
  );
}

/**
 * A drawing of what a text and a table say, too: readers skip it.
 * @param {number} width @param {number} height @param {...Node} children @returns {SVGElement}
 */
export function drawing(width, height, ...children) {
  const attributes = { viewBox: `0 0 ${width} ${height}`, class: "curve", "aria-hidden": "true" };
  return draw("svg", attributes, ...children);
}

/**
 * @param {number[]} xs @param {number[]} ys @returns {string} points as drawings take them
 */
export function points(xs, ys) {
  return xs.map((x, place) => `${x.toFixed(1)},${ys[place].toFixed(1)}`).join(" ");
}

/**
 * A table of signed numbers with a bar for each: to the right above zero, to the left below.
 * @param {string} caption @param {[string, string]} header of the names, and of the numbers
 * @param {{name: string, value: number}[]} rows
 * @returns {HTMLElement}
 */
export function bars(caption, header, rows) {
  const most = Math.max(...rows.map((row) => Math.abs(row.value)), 1e-6);
  const size = Math.floor(Math.log10(most));
  const digits = size < 2 ? Math.max(2, 1 - size) : Math.max(0, 3 - size); // three that tell
  const heads = header.map((name) => make("th", { scope: "col" }, name));
  const lines = rows.map(({ name, value }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", { class: "bar" }, make("span", {}, signed(value, digits)), bar(value / most)),
    ),
  );
  return make(
    "table",
    { class: "bars" },
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...lines),
  );
}

/** @param {number} share from -1 to 1 @returns {SVGElement} */
function bar(share) {
  const width = 50 * Math.abs(share);
  const place = { x: share < 0 ? 50 - width : 50, y: 2, width, height: 12 };
  return draw(
    "svg",
    { viewBox: "0 0 100 16", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { ...place, class: share < 0 ? "lowers" : "raises" }),
    draw("line", { x1: 50, x2: 50, y1: 0, y2: 16 }),
  );
}

/**
 * @param {number} value @param {number} digits behind the point @returns {string} with its sign
 */
function signed(value, digits) {
  const range = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const text = Math.abs(value).toLocaleString("en", range);
  if (Number(text) === 0) return text;
  return `${value < 0 ? "\u2212" : "+"}${text}`;
}

/**
 * @param {number} value @param {number} digits at most so many behind the point
 * @returns {string} with commas
 */
export function number(value, digits = 2) {
  const shown = value.toLocaleString("en", { maximumFractionDigits: digits });
  return shown.replace(/^-/, "\u2212").replace(/^\u22120$/, "0");
}

/** @param {number} value @returns {string} */
export function percent(value) {
  return `${(100 * value).toFixed(1)}%`;
}

/**
 * What tells a screen reader an answer once the visitor has paused.
 * @returns {{element: HTMLElement, say: (text: string) => void}}
 */
export function announcer() {
  const element = make("p", { class: "unseen", role: "status" });
  let waiting = 0;
  const say = (/** @type {string} */ text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      element.textContent = text;
    }, QUIET);
  };
  return { element, say };
}

/**
 * Run something that takes its time after each change: one at a time, and the last change last.
 * @param {() => Promise<void>} run @param {(error: Error) => void} failed
 * @returns {() => Promise<void>} to be called after a change; ends when nothing is left to do
 */
export function oneAtATime(run, failed) {
  let wanted = false;
  /** @type {Promise<void> | null} */
  let running = null;
  const work = async () => {
    while (wanted) {
      wanted = false;
      await run().catch(failed);
    }
    running = null;
  };
  return () => {
    wanted = true;
    running ??= work();
    return running;
  };
}
