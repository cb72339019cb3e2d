import type { BenchLine } from '../bench-line.js';
import type { Collected } from './collected.js';
import { rounded } from './judge.js';
import { measuredNs } from './measured-ns.js';

/** Networks that reach beyond the last-level cache here. */
const LARGE_NS = 1e6;
const FEWEST_SESSIONS = 3;

/**
 * Whether a session's reading of the last-level cache tells what its large networks do: Pearson's correlation, over
 * sessions, of the logarithm of the price of a byte and that of a network's latency against its median.
 */
export function* cacheCorrelation({ networks, cacheNsPerByte = [] }: Collected): Iterable<BenchLine> {
  const points = networks
    .filter((network) => measuredNs(network) >= LARGE_NS && network.latenciesNs.length >= FEWEST_SESSIONS)
    .flatMap((network) =>
      network.latenciesNs.flatMap((latencyNs, i): (readonly [number, number])[] => {
        const price = cacheNsPerByte[network.sessions[i]!] ?? null;
        return price === null ? [] : [[Math.log(price), Math.log(latencyNs / measuredNs(network))]];
      }),
    );
  if (points.length < FEWEST_SESSIONS) return;
  yield {
    bench: 'fidelity',
    metric: "a session's reading of the last-level cache and its large networks, correlation",
    value: rounded(correlation(points), 2),
    unit: 'ratio',
    detail: { measurements: points.length },
  };
}

function correlation(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
