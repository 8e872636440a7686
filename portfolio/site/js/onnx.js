/**
 * ONNX Runtime, from beside the page and in one thread: threads need headers that static servers
 * do not send.
 */

/**
 * Where the runtime lies: its script, and its WebAssembly.
 * @typedef {{script: string, wasm: string}} Runtime
 */

/**
 * A session that runs a model, and the runtime's constructor of tensors.
 * @param {ArrayBuffer} bytes @param {Runtime} runtime
 * @returns {Promise<{session: object, Tensor: Function}>}
 */
export async function open(bytes, runtime) {
  const place = (/** @type {string} */ file) => new URL(file, document.baseURI).href;
  const ort = await import(place(runtime.script));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: place(runtime.wasm) };
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  return { session, Tensor: ort.Tensor };
}

/**
 * What a model's file says of itself: `metadata_props` of ONNX's ModelProto, the 14th of its
 * fields, which are pairs of texts.
 * @param {ArrayBuffer} bytes @returns {Record<string, string>}
 */
export function metadata(bytes) {
  const text = (/** @type {Uint8Array} */ part) => new TextDecoder().decode(part);
  const pairs = [...fields(new Uint8Array(bytes))].filter(([name]) => name === 14);
  return Object.fromEntries(
    pairs.map(([, pair]) => {
      const found = new Map(fields(pair));
      return [text(found.get(1)), text(found.get(2))];
    }),
  );
}

/**
 * The fields of a message of Protocol Buffers that have a length (texts, messages): number, bytes.
 * @param {Uint8Array} bytes @returns {Generator<[number, Uint8Array]>}
 */
function* fields(bytes) {
  let place = 0;
  const whole = () => {
    let [value, factor, byte] = [0, 1, 0];
    do {
      byte = bytes[place++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return value;
  };
  while (place < bytes.length) {
    const key = whole();
    if ((key & 7) === 0) whole();
    else if ((key & 7) === 1) place += 8;
    else if ((key & 7) === 5) place += 4;
    else {
      const size = whole();
      yield [key >> 3, bytes.subarray(place, place + size)];
      place += size;
    }
  }
}
