import { estimateOps } from '../core/latency/estimate.js';
import { fuse } from '../core/ops/fuse.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { type BenchLine, judged } from './bench-line.js';
import { linearTable } from './linear-table.js';
import { medianMs } from './timing.js';

/** The ops of MobileNetV3-Large, repeated to exactly 60. */
export function sixtyKeys(): string[] {
  const keys = fuse(buildZooNetwork('mobilenet-v3-large', {})).map(({ key }) => key);
  return Array.from({ length: 60 }, (_, index) => keys[index % keys.length]!);
}

/** Estimating a 60-op network from a loaded table. */
export async function* benchEstimate(): AsyncIterable<BenchLine> {
  const keys = sixtyKeys();
  const table = linearTable(keys);
  const repeats = 10_000;
  let total = 0;
  const sumsMs = await medianMs(() => {
    for (let i = 0; i < repeats; i++) total += table.latencyNs(table.sums(keys)!);
  }, 9);
  if (!(total > 0)) throw new Error('the sum cannot be zero');
  yield judged({
    bench: 'estimate',
    metric: '60-op network, latency',
    value: (sumsMs / repeats) * 1e3,
    unit: 'µs',
    goal: { atMost: 5 },
  });
  const fullMs = await medianMs(() => {
    for (let i = 0; i < 1_000; i++) estimateOps(table, keys);
  }, 9);
  yield {
    bench: 'estimate',
    metric: '60-op network, with interval, shares and coverage',
    value: fullMs,
    unit: 'µs',
  };
}
