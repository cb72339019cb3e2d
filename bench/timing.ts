/** Median of `count` repetitions after `warmup` uncounted ones, in milliseconds. */
export async function medianMs(work: () => unknown, count: number, warmup = 3): Promise<number> {
  for (let i = 0; i < warmup; i++) await work();
  const durations: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = process.hrtime.bigint();
    await work();
    durations.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  durations.sort((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)]!;
}
