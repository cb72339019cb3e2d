/** Median of `count` repetitions after `warmup` uncounted ones, in milliseconds. */
export async function medianMs(work: () => unknown, count: number, warmup = 3): Promise<number> {
  for (let i = 0; i < warmup; i++) await work();
  const durations: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await work();
    durations.push(performance.now() - start);
  }
  return median(durations);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
