/**
 * The imaging model: how likely an image is a positive case, and where the evidence lies.
 *
 * `resized` and `grey` do what Pillow does on the project's server, `Predictor` its
 * `predictor.py`.
 */

import { open } from "./onnx.js";
import {
  announcer, facts, field, load, make, number, oneAtATime, percent, rounded, slider,
} from "./shared.js";

/**
 * Bytes of an image, row by row, `channels` for each pixel.
 * @typedef {{width: number, height: number, channels: number, data: Uint8Array}} Image
 *
 * @typedef {{size: number, channels: number, mean: number[], std: number[], positive: string[],
 *   positive_share: number, strong: number, bits: number | null}} Signature
 * @typedef {{currency: string, missed_case: number, false_alarm: number,
 *   prevalence: number | null}} Prices
 * @typedef {{probability: number, decision: string, expected_value: number}} Answer
 * @typedef {{side: [number, number], values: Float32Array}} Evidence height and width, and rows
 */

const LEAST = 8; // pixels a side; smaller than this, nothing can be seen
const SIDE = 224; // pixels of the picture that is shown
const ONE = 2 ** 22; // Pillow's weights are whole numbers, of which this is one
// From weak to strong evidence: yellow to red.
const HEAT = [[255, 255, 178], [254, 204, 92], [253, 141, 60], [240, 59, 32], [189, 0, 38]];
const PNG = [0x89, 0x50, 0x4e, 0x47];
const JPEG = [0xff, 0xd8, 0xff];

/** An exported model with its signature. */
export class Predictor {
  /** @param {object} session @param {Function} Tensor @param {object} data */
  constructor(session, Tensor, { signature, prices, pixels, tall_by_columns: byColumns }) {
    this.session = session;
    this.Tensor = Tensor;
    this.signature = signature;
    this.prices = prices;
    this.pixels = pixels;
    this.byColumns = byColumns;
  }

  /**
   * The image in a PNG or JPEG file as the model takes it.
   * @param {Blob} file @returns {Promise<Image>} @throws {Error} it is another file, or too large
   */
  async read(file) {
    const { size, channels, bits } = this.signature;
    const colours = await decoded(file, this.pixels, bits ?? 16);
    return resized(channels === 1 ? grey(colours) : colours, size, this.byColumns);
  }

  /**
   * Probability of a positive case, and how far each place moves the log-odds.
   * @param {Image} image @returns {Promise<{probability: number, evidence: Evidence}>}
   */
  async maps(image) {
    const { size, channels, mean, std } = this.signature;
    const shape = [1, channels, size, size];
    const feed = { images: new this.Tensor("float32", normalised(image, mean, std), shape) };
    const { probability, map } = await this.session.run(feed, ["probability", "map"]);
    const side = /** @type {[number, number]} */ (map.dims.slice(-2));
    return { probability: probability.data[0], evidence: { side, values: map.data } };
  }

  /** @param {number} probability @returns {Answer} */
  decide(probability) {
    const { missed_case: missed, false_alarm: alarm, prevalence } = this.prices;
    const share = this.signature.positive_share;
    const practice = prevalence ?? share;
    const ill = (probability * practice) / share;
    const healthy = ((1 - probability) * (1 - practice)) / (1 - share);
    const value = (ill / (ill + healthy)) * (missed + alarm) - alarm;
    return {
      probability: rounded(probability),
      decision: value > 0 ? "refer" : "do not refer",
      expected_value: rounded(value),
    };
  }
}

/**
 * A file as red, green and blue bytes; what is transparent becomes black.
 * @param {Blob} file @param {number} most pixels @param {number} bits used of deep grey values
 * @returns {Promise<Image>}
 */
async function decoded(file, most, bits) {
  const head = new Uint8Array(await file.slice(0, 26).arrayBuffer());
  const begins = (/** @type {number[]} */ magic) =>
    magic.every((one, place) => head[place] === one);
  if (!begins(PNG) && !begins(JPEG)) throw new Error("this is no PNG or JPEG image.");
  if (begins(PNG) && head[24] === 16 && head[25] === 0 && bits !== 16) {
    throw new Error(`a browser cannot read grey images of ${bits} bits as the project does.`);
  }
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  const bitmap = await createImageBitmap(file, options).catch(() => {
    throw new Error("the image is damaged.");
  });
  const { width, height } = bitmap;
  if (Math.min(width, height) < LEAST || width * height > most) {
    const expected = `at least ${LEAST} a side and at most ${number(most)} in all`;
    throw new Error(`the image has ${width} x ${height} pixels: expected ${expected}.`);
  }
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      colours[3 * pixel + channel] = data[4 * pixel + channel];
    }
  }
  return { width, height, channels: 3, data: colours };
}

/**
 * Brightness by ITU-R 601-2, in Pillow's whole numbers.
 * @param {Image} image with three channels @returns {Image} with one
 */
function grey({ width, height, data }) {
  const found = new Uint8Array(width * height);
  for (let pixel = 0; pixel < found.length; pixel += 1) {
    const [red, green, blue] = data.subarray(3 * pixel, 3 * pixel + 3);
    found[pixel] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: found };
}

/**
 * An image at `size` by `size` pixels, by a triangle as wide as what it shrinks: first its rows,
 * then its columns, each rounded to bytes. Pillow 13 takes the columns first where they are
 * shortened by more than twice as much as rows.
 * @param {Image} image @param {number} size @param {boolean} byColumns whether it is as new
 * @returns {Image}
 */
function resized(image, size, byColumns) {
  const { width, height } = image;
  const tall = byColumns && height > size && height - size > 2 * (width - size);
  if (tall) return narrowed(turned(narrowed(turned(image), size)), size);
  return turned(narrowed(turned(narrowed(image, size)), size));
}

/** @param {Image} image @returns {Image} rows as columns */
function turned({ width, height, channels, data }) {
  const found = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        found[(x * height + y) * channels + channel] = data[(y * width + x) * channels + channel];
      }
    }
  }
  return { width: height, height: width, channels, data: found };
}

/** @param {Image} image @param {number} size @returns {Image} `size` pixels wide */
function narrowed(image, size) {
  const { width, height, channels, data } = image;
  if (width === size) return image;
  const weights = triangles(width, size);
  const found = new Uint8Array(size * height * channels);
  for (let y = 0; y < height; y += 1) {
    weights.forEach(({ start, shares }, x) => {
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = ONE / 2;
        shares.forEach((share, place) => {
          sum += share * data[(y * width + start + place) * channels + channel];
        });
        found[(y * size + x) * channels + channel] = Math.min(Math.floor(sum / ONE), 255);
      }
    });
  }
  return { width: size, height, channels, data: found };
}

/**
 * For each new pixel, from which old one on it is made, and of how much of each.
 * @param {number} width @param {number} size @returns {{start: number, shares: number[]}[]}
 */
function triangles(width, size) {
  const scale = width / size;
  const reach = Math.max(scale, 1);
  return Array.from({ length: size }, (_, x) => {
    const center = (x + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(width, Math.trunc(center + reach + 0.5));
    const heights = Array.from({ length: end - start }, (_, place) =>
      Math.max(0, 1 - Math.abs((start + place - center + 0.5) / reach)),
    );
    const total = heights.reduce((sum, one) => sum + one, 0);
    return { start, shares: heights.map((one) => Math.trunc((one / total) * ONE + 0.5)) };
  });
}

/**
 * Bytes standardised by channel, channel after channel, in single precision as NumPy does it.
 * @param {Image} image @param {number[]} mean @param {number[]} std @returns {Float32Array}
 */
function normalised({ width, height, channels, data }, mean, std) {
  const pixels = width * height;
  const found = new Float32Array(data.length);
  for (let channel = 0; channel < channels; channel += 1) {
    const [middle, spread] = [Math.fround(mean[channel]), Math.fround(std[channel])];
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const share = Math.fround(data[pixel * channels + channel] / 255);
      found[channel * pixels + pixel] = Math.fround(share - middle) / spread;
    }
  }
  return found;
}

/**
 * The published model, loaded.
 * @param {object} data what `demos/imaging.py` wrote @returns {Promise<Predictor>}
 */
export async function loaded(data) {
  const { session, Tensor } = await open(await load(data.model), data.runtime);
  return new Predictor(session, Tensor, data);
}

/**
 * Show the demo.
 * @param {HTMLElement} place @param {object} data what `demos/imaging.py` wrote
 */
export async function show(place, data) {
  const predictor = await loaded(data);
  const view = shown(data);
  const { element, say } = announcer();
  /** @type {Blob | null} */
  let chosen = null;
  const answer = oneAtATime(async () => {
    const image = await predictor.read(chosen);
    const { probability, evidence } = await predictor.maps(image);
    say(view.answer(predictor.decide(probability), image, evidence));
  }, (error) => say(view.refuse(error)));
  const use = (/** @type {Blob} */ file) => {
    chosen = file;
    return answer();
  };
  const picker = choice(place, data.examples, use);
  if (data.examples.length) await use(await fetched(data.examples[0].file));
  place.replaceChildren(picker, ...view.elements, element);
}

/**
 * What answers are shown in; each says it in words, too.
 * @param {object} data
 * @returns {{elements: HTMLElement[], refuse: (error: Error) => string,
 *   answer: (found: Answer, image: Image, evidence: Evidence) => string}}
 */
function shown({ signature, prices }) {
  const opacity = slider("Opacity of the map", { start: 0.5, top: 1, step: 0.05 }, percent);
  const canvas = make("canvas", { width: SIDE, height: SIDE, class: "image", role: "img" });
  const summary = make("dl", { class: "facts still" });
  const note = make("p", { class: "note" }, "No image yet.");
  const positive = signature.positive.join(" or ");
  let paint = () => {};
  opacity.field.addEventListener("input", () => paint());
  canvas.hidden = true;
  const answer = (
    /** @type {Answer} */ found, /** @type {Image} */ image, /** @type {Evidence} */ evidence,
  ) => {
    summary.replaceChildren(...facts(answered(found, positive, prices)));
    note.textContent = NOTE;
    const strongest = where(evidence);
    canvas.setAttribute("aria-label", `The image. ${strongest}`);
    canvas.hidden = false;
    paint = () => {
      overlay(canvas, image, evidence, signature.strong, opacity.value());
    };
    paint();
    const { probability, decision } = found;
    return `Probability of ${positive} ${percent(probability)}: ${decision}. ${strongest}`;
  };
  const refuse = (/** @type {Error} */ error) => {
    summary.replaceChildren();
    canvas.hidden = true;
    note.textContent = `No answer: ${error.message}`;
    return note.textContent;
  };
  return { elements: [summary, canvas, note, opacity.field], answer, refuse };
}

const NOTE =
  "The image as the model sees it. The redder a place, the more it speaks for a positive case; " +
  "full red is what the strongest place of a typical positive case has.";

/**
 * What to choose an image by: an example, a file, or a file that is dropped on the demo.
 * @param {HTMLElement} place @param {{name: string, file: string}[]} examples
 * @param {(file: Blob) => void} use @returns {HTMLElement}
 */
function choice(place, examples, use) {
  const file = make("input", { type: "file", accept: "image/png,image/jpeg" });
  file.addEventListener("change", () => file.files[0] && use(file.files[0]));
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) use(event.dataTransfer.files[0]);
  });
  const fields = [field("Your own, PNG or JPEG (or drop it)", file)];
  if (examples.length) fields.unshift(field("A test image", select(examples, use)));
  return make("fieldset", { class: "fields wide" }, make("legend", {}, "An image"), ...fields);
}

/**
 * @param {{name: string, file: string}[]} examples @param {(file: Blob) => void} use
 * @returns {HTMLElement}
 */
function select(examples, use) {
  const options = examples.map(({ name, file }) => make("option", { value: file }, name));
  const found = make("select", {}, ...options);
  found.addEventListener("input", async () => use(await fetched(found.value)));
  return found;
}

/** @param {string} file @returns {Promise<Blob>} */
async function fetched(file) {
  return (await fetch(file)).blob();
}

/**
 * @param {Answer} answer @param {string} positive @param {Prices} prices
 * @returns {[string, string][]}
 */
function answered(answer, positive, { currency }) {
  return [
    [`Probability of ${positive}`, percent(answer.probability)],
    ["Decision", answer.decision],
    ["Value of referring", `${number(answer.expected_value)} ${currency}`],
  ];
}

/** @param {Evidence} evidence @returns {string} where the strongest place is, in words */
function where({ side: [height, width], values }) {
  const strongest = values.indexOf(Math.max(...values));
  const third = (/** @type {number} */ at, /** @type {number} */ of) =>
    Math.min(2, Math.floor((3 * at) / of));
  const row = ["upper", "middle", "lower"][third(Math.floor(strongest / width), height)];
  const column = ["left", "central", "right"][third(strongest % width, width)];
  return `The strongest evidence is in the ${row} ${column} part.`;
}

/**
 * Paint an image under its map in colours; evidence of `strong` or more is covered with `opacity`.
 * @param {HTMLCanvasElement} canvas @param {Image} image @param {Evidence} evidence
 * @param {number} strong @param {number} opacity
 */
function overlay(canvas, image, { side: [height, width], values }, strong, opacity) {
  const painted = new ImageData(SIDE, SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const found = smooth((row, column) => values[row * width + column], width, height, x, y);
      const strength = Math.min(Math.max(found / strong, 0), 1);
      const cover = opacity * strength;
      for (let channel = 0; channel < 3; channel += 1) {
        const of = image.channels === 1 ? 0 : channel;
        const pixel = (/** @type {number} */ row, /** @type {number} */ column) =>
          image.data[(row * image.width + column) * image.channels + of];
        const below = smooth(pixel, image.width, image.height, x, y);
        const colour = (1 - cover) * below + cover * heat(strength, channel);
        painted.data[4 * (y * SIDE + x) + channel] = colour;
      }
      painted.data[4 * (y * SIDE + x) + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(painted, 0, 0);
}

/**
 * A value between the pixels around a place of the picture.
 * @param {(row: number, column: number) => number} at @param {number} width
 * @param {number} height @param {number} x @param {number} y @returns {number}
 */
function smooth(at, width, height, x, y) {
  const column = Math.min(Math.max(((x + 0.5) * width) / SIDE - 0.5, 0), width - 1);
  const row = Math.min(Math.max(((y + 0.5) * height) / SIDE - 0.5, 0), height - 1);
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const [across, down] = [column - left, row - top];
  const above = at(top, left) * (1 - across) + at(top, right) * across;
  const below = at(bottom, left) * (1 - across) + at(bottom, right) * across;
  return above * (1 - down) + below * down;
}

/** @param {number} strength 0 to 1 @param {number} channel @returns {number} its colour */
function heat(strength, channel) {
  const place = strength * (HEAT.length - 1);
  const low = Math.min(Math.floor(place), HEAT.length - 2);
  const share = place - low;
  return HEAT[low][channel] * (1 - share) + HEAT[low + 1][channel] * share;
}
