// @ts-check
// The VAE in the browser: its weights from a safetensors file, its encoder and decoder, and what an image costs it.

/** @typedef {{ weight: Float64Array, bias: Float64Array, inputs: number, outputs: number }} Layer */
/** @typedef {{ encoder: Layer[], decoder: Layer[], nodes: Float64Array, weights: Float64Array }} Model */
/** @typedef {{ mu: number[], sd: number[], rate: number, distortion: number, cost: number }} Terms nats */

const fromHalf = (/** @type {number} */ bits) => {
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  return (bits & 0x8000 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
};
const KINDS = {
  F16: (buffer) => Float64Array.from(new Uint16Array(buffer), fromHalf),
  F64: (buffer) => new Float64Array(buffer),
  I16: (buffer) => new Int16Array(buffer),
  U8: (buffer) => new Uint8Array(buffer),
};

// The tensors of a safetensors file by name: { values, shape }.
export const tensorsOf = (/** @type {ArrayBuffer} */ file) => {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  return Object.fromEntries(Object.entries(header).map(([name, { dtype, shape, data_offsets: [begin, end] }]) =>
    [name, { values: KINDS[dtype](file.slice(8 + length + begin, 8 + length + end)), shape }]));
};

// Layers 0, 2, 4, … of torch's Sequential; between them stands SiLU.
const layersOf = (tensors, prefix) => Object.keys(tensors).filter((name) => name.startsWith(prefix) && name.endsWith("weight")).sort().map((name) => {
  const { values: weight, shape: [outputs, inputs] } = tensors[name];
  return { weight, bias: tensors[name.replace("weight", "bias")].values, inputs, outputs };
});

/** @returns {Model} */
export const modelOf = (tensors) => ({
  encoder: layersOf(tensors, "encoder_layers"), decoder: layersOf(tensors, "decoder_layers"), nodes: tensors.nodes.values, weights: tensors.weights.values,
});

const through = (/** @type {Layer[]} */ layers, /** @type {ArrayLike<number>} */ input) => /** @type {Float64Array} */ (layers.reduce((values, { weight, bias, inputs, outputs }, k) => {
  const out = new Float64Array(outputs);
  for (let i = 0; i < outputs; i += 1) {
    let sum = bias[i];
    for (let j = 0; j < inputs; j += 1) sum += weight[i * inputs + j] * values[j];
    out[i] = k < layers.length - 1 ? sum / (1 + Math.exp(-sum)) : sum;
  }
  return out;
}, /** @type {any} */ (input)));

// q(z|x): its mean and its standard deviations.
export const posterior = (/** @type {Model} */ model, /** @type {ArrayLike<number>} */ ink) => {
  const [a, b, c, d] = through(model.encoder, ink);
  return { mu: [a, b], sd: [Math.exp(c / 2), Math.exp(d / 2)] };
};

// The mean picture at z, ink from 0 to 1.
export const decoded = (/** @type {Model} */ model, /** @type {ArrayLike<number>} */ z) => Float64Array.from(through(model.decoder, z), (logit) => 1 / (1 + Math.exp(-logit)));

// −log p(x|z), nats.
export const distortionAt = (/** @type {Model} */ model, /** @type {ArrayLike<number>} */ ink, /** @type {ArrayLike<number>} */ z) =>
  through(model.decoder, z).reduce((sum, logit, i) => sum + Math.max(logit, 0) - logit * ink[i] + Math.log1p(Math.exp(-Math.abs(logit))), 0);

/** The three terms of an image. @returns {Terms} */
export const terms = (/** @type {Model} */ model, /** @type {ArrayLike<number>} */ ink) => {
  const { mu, sd } = posterior(model, ink);
  const rate = mu.reduce((sum, mean, i) => sum + (mean * mean + sd[i] * sd[i] - 1) / 2 - Math.log(sd[i]), 0);
  const distortion = model.weights.reduce((sum, weight, k) =>
    sum + weight * distortionAt(model, ink, mu.map((mean, i) => mean + sd[i] * model.nodes[2 * k + i])), 0);
  return { mu, sd, rate, distortion, cost: rate + distortion };
};
