/**
 * Arrays as `portfolio/site/demos/arrays.py` writes them: typed binary with a header in JSON.
 */

const TYPES = { Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array };

/**
 * Numbers of one type, the last index running fastest.
 * @typedef {{data: Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array,
 *   shape: number[]}} Numbers
 */

/**
 * The arrays of a file, by their names.
 * @param {ArrayBuffer} bytes @returns {Record<string, Numbers>}
 */
export function arrays(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  return Object.fromEntries(
    Object.entries(header).map(([name, { type, shape, start }]) => {
      const data = new TYPES[type](bytes, 4 + length + start, product(shape));
      return [name, { data, shape }];
    }),
  );
}

/** @param {number[]} shape @returns {number} */
function product(shape) {
  return shape.reduce((all, one) => all * one, 1);
}
