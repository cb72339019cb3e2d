/** Every byte's place in −1 … 1. */
const NORMALIZED = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/**
 * Writes bytes as numbers from −1 to 1 into a buffer, from an offset on: what every network of Lutra is trained with.
 */
export function normalizeImages(bytes: Uint8Array, into: Float32Array, offset = 0): void {
  for (let i = 0; i < bytes.length; i++) into[offset + i] = NORMALIZED[bytes[i]!]!;
}
