/** A source of uniform numbers in [0, 1). */
export type Rng = () => number;

/**
 * mulberry32: a small seeded generator, the same sequence on every platform.
 * @param seed any integer; taken modulo 2³²
 */
export function seededRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Fisher–Yates, in place; returns the same array. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(items: T, rng: Rng): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    const held = items[i];
    (items as { [index: number]: unknown })[i] = items[j];
    (items as { [index: number]: unknown })[j] = held;
  }
  return items;
}

/** One draw from the standard normal distribution (Box–Muller). */
export function gaussian(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}
