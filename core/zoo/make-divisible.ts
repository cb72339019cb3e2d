/**
 * Rounds a channel count to a multiple of 8, as the MobileNet papers' code does: to the nearest, never below 8, and up
 * where rounding down would lose more than a tenth.
 * @param channels any positive number, e.g. width multiplier × channels
 */
export function makeDivisible(channels: number): number {
  const rounded = Math.max(8, Math.floor(channels / 8 + 0.5) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
