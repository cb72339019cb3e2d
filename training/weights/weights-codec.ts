import { LutraError } from '../../core/errors.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';

/*
 * One set of weights as one blob:
 *
 *   bytes 0–7    "LUTRAWT1": the format and its version
 *   bytes 8–11   length of the header in bytes, unsigned, little-endian
 *   header       JSON, UTF-8: {"tensors": [{"name", "shape"}, …]} sorted by name, padded with spaces to a multiple of 4
 *   rest         the tensors' values in the header's order, row-major float32, little-endian, without gaps
 *
 * Equal weights give equal bytes, so blobs can be addressed by their hash.
 */
const MAGIC = 'LUTRAWT1';
const HEADER_START = 12;
const BYTES_PER_VALUE = 4;

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** @returns the weights as one self-describing blob; the same bytes whatever the order of the map */
export function encodeWeights(weights: Weights): Uint8Array {
  const entries = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  const header = encodeHeader(entries.map(([name, { shape }]) => ({ name, shape })));
  const valueCount = entries.reduce((sum, [, { data }]) => sum + data.length, 0);
  const bytes = new Uint8Array(HEADER_START + header.length + valueCount * BYTES_PER_VALUE);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, header.length, true);
  bytes.set(header, HEADER_START);
  let offset = HEADER_START + header.length;
  for (const [, { data }] of entries) {
    for (const value of data) {
      view.setFloat32(offset, value, true);
      offset += BYTES_PER_VALUE;
    }
  }
  return bytes;
}

/** @throws LutraError `missing-weights` when the bytes are not such a blob, or one that is cut short */
export function decodeWeights(bytes: Uint8Array): Weights {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_START || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC)
    throw notWeights(`it does not begin with ${MAGIC}`);
  const headerLength = view.getUint32(8, true);
  if (HEADER_START + headerLength > bytes.length) throw notWeights('it ends within its header');
  const entries = decodeHeader(bytes.subarray(HEADER_START, HEADER_START + headerLength));
  const weights = new Map<string, WeightTensor>();
  let offset = HEADER_START + headerLength;
  for (const { name, shape } of entries) {
    const length = shape.reduce((product, dim) => product * dim, 1);
    const end = offset + length * BYTES_PER_VALUE;
    if (end > bytes.length) throw notWeights(`it ends within tensor '${name}'`);
    const data = new Float32Array(length);
    for (let i = 0; i < length; i++) data[i] = view.getFloat32(offset + i * BYTES_PER_VALUE, true);
    weights.set(name, { shape, data });
    offset = end;
  }
  if (offset !== bytes.length) throw notWeights(`${bytes.length - offset} bytes follow the last tensor`);
  return weights;
}

function encodeHeader(tensors: readonly TensorEntry[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ tensors }));
  const padded = new Uint8Array(Math.ceil(json.length / 4) * 4).fill(0x20);
  padded.set(json);
  return padded;
}

function decodeHeader(bytes: Uint8Array): readonly TensorEntry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw notWeights('its header is not JSON');
  }
  const tensors: unknown = (header as { tensors?: unknown } | null)?.tensors;
  if (!Array.isArray(tensors) || !tensors.every(isTensorEntry))
    throw notWeights('its header does not list tensors');
  return tensors;
}

function isTensorEntry(value: unknown): value is TensorEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, shape } = value as Partial<TensorEntry>;
  const isDimension = (dim: unknown) => Number.isInteger(dim) && (dim as number) >= 0;
  return typeof name === 'string' && Array.isArray(shape) && shape.every(isDimension);
}

function notWeights(reason: string): LutraError {
  return new LutraError('missing-weights', `these bytes are not a set of weights: ${reason}`);
}
