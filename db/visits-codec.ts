import { LutraError } from '../core/errors.js';

const HEADER_BYTES = 8;

/**
 * Raw samples of a probe as one blob, little-endian:
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | uint32: number of visits, v |
 * | 4 | uint32: number of samples in all visits |
 * | 4 · v | uint32 each: samples in each visit |
 * | 8 each | float64: samples in nanoseconds, visit by visit, in order of time |
 *
 * Floating point, because a runtime may time finer than a nanosecond, and because nonsense (NaN) is kept as it came.
 */
export function encodeVisits(visitsNs: readonly (readonly number[])[]): Buffer {
  const sampleCount = visitsNs.reduce((count, visit) => count + visit.length, 0);
  const bytes = Buffer.alloc(HEADER_BYTES + 4 * visitsNs.length + 8 * sampleCount);
  bytes.writeUInt32LE(visitsNs.length, 0);
  bytes.writeUInt32LE(sampleCount, 4);
  let lengthAt = HEADER_BYTES;
  let sampleAt = HEADER_BYTES + 4 * visitsNs.length;
  for (const visit of visitsNs) {
    lengthAt = bytes.writeUInt32LE(visit.length, lengthAt);
    for (const sampleNs of visit) sampleAt = bytes.writeDoubleLE(sampleNs, sampleAt);
  }
  return bytes;
}

/**
 * Reads what {@link encodeVisits} wrote.
 * @throws LutraError `internal` when the lengths do not fit the blob
 */
export function decodeVisits(bytes: Buffer): number[][] {
  if (bytes.length < HEADER_BYTES) throw misfit(bytes.length);
  const visitCount = bytes.readUInt32LE(0);
  const sampleCount = bytes.readUInt32LE(4);
  if (bytes.length !== HEADER_BYTES + 4 * visitCount + 8 * sampleCount) throw misfit(bytes.length);
  let sampleAt = HEADER_BYTES + 4 * visitCount;
  return Array.from({ length: visitCount }, (_, visit) => {
    const length = bytes.readUInt32LE(HEADER_BYTES + 4 * visit);
    if (sampleAt + 8 * length > bytes.length) throw misfit(bytes.length);
    return Array.from({ length }, () => {
      sampleAt += 8;
      return bytes.readDoubleLE(sampleAt - 8);
    });
  });
}

function misfit(length: number): LutraError {
  return new LutraError('internal', `a sample blob of ${length} bytes does not fit its header`);
}
