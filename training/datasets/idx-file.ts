import { LutraError } from '../../core/errors.js';

/** An array of bytes as an IDX file holds it. */
export interface IdxArray {
  /** Outermost axis first. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTES = 0x08;

/**
 * Reads the IDX format: two zero bytes, element type, number of axes, one big-endian size for each axis, then the data.
 * @param source the file's name, for messages
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 * @throws LutraError `unknown-dataset` saying what the file holds instead
 */
export function parseIdx(bytes: Uint8Array, source: string): IdxArray {
  if (bytes.length < 4) throw broken(source, `expected a header of 4 bytes, got ${bytes.length}`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw broken(source, `expected two zero bytes at the start, got ${bytes[0]} and ${bytes[1]}`);
  }
  const type = bytes[2]!;
  const axes = bytes[3]!;
  if (type !== UNSIGNED_BYTES) {
    throw broken(source, `expected elements of type 0x08 (unsigned bytes), got 0x${type.toString(16)}`);
  }
  const header = 4 + 4 * axes;
  if (axes === 0 || bytes.length < header) {
    throw broken(source, `expected a header of ${header} bytes for ${axes} axes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + elements) {
    throw broken(
      source,
      `expected ${elements} bytes of data for [${shape.join(', ')}], got ${bytes.length - header}`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}

function broken(source: string, problem: string): LutraError {
  return new LutraError('unknown-dataset', `${source} is no IDX file of bytes: ${problem}`, {
    details: { file: source },
  });
}
