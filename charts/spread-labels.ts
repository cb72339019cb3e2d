/** A label's wish and where it was put, in pixels from the top. */
export interface PlacedLabel<T> {
  readonly item: T;
  readonly wantedY: number;
  readonly y: number;
}

/**
 * Moves labels of one column apart until none covers another, each as near to its wish as the others let it.
 * @param gap least distance between neighbours
 * @param bounds nothing is placed beyond these
 */
export function spreadLabels<T>(
  items: readonly { readonly item: T; readonly wantedY: number }[],
  gap: number,
  bounds: readonly [number, number],
): readonly PlacedLabel<T>[] {
  const placed = [...items]
    .sort((a, b) => a.wantedY - b.wantedY)
    .map((entry) => ({ ...entry, y: entry.wantedY }));
  for (let round = 0; round < 50; round++) {
    for (let index = 1; index < placed.length; index++) {
      const above = placed[index - 1]!;
      const below = placed[index]!;
      const overlap = gap - (below.y - above.y);
      if (overlap > 1e-9) {
        above.y -= overlap / 2;
        below.y += overlap / 2;
      }
    }
  }
  // The ends win over the wishes: push inwards from each side.
  let floor = bounds[0];
  for (const entry of placed) {
    entry.y = Math.max(entry.y, floor);
    floor = entry.y + gap;
  }
  let ceiling = bounds[1];
  for (const entry of placed.toReversed()) {
    entry.y = Math.min(entry.y, ceiling);
    ceiling = entry.y - gap;
  }
  return placed;
}
