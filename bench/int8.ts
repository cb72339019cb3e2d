import { median } from '../core/measurement/quantile.js';
import type { DType } from '../core/ops/op.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import type { BenchLine } from './bench-line.js';
import { anchorSubject, CORE, holdSession, networkSubject, readNetwork } from './promises/held-session.js';

const NETWORKS = [
  ['mobilenet-v3-tiny', 28],
  ...(['mobilenet-v3-small', 'mobilenet-v3-large', 'mobilenet-v2'] as const).flatMap((name) => [
    [name, 96] as const,
    [name, 224] as const,
  ]),
] as const;
const DTYPES: readonly DType[] = ['float32', 'int8'];
const SESSIONS = 5;

/** Whole networks of the zoo in float32 and in int8, sessions in turns: what the 8-bit kernels save, or cost. */
export async function* benchInt8(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  for (const [name, resolution] of NETWORKS) {
    const network = buildZooNetwork(name, name === 'mobilenet-v3-tiny' ? {} : { resolution });
    const latenciesNs: Record<DType, number[]> = { float32: [], int8: [] };
    for (let seed = 0; seed < SESSIONS; seed++) {
      for (const dtype of DTYPES) {
        const report = await holdSession([anchorSubject(), networkSubject(network)], seed, { dtype });
        latenciesNs[dtype].push(readNetwork(report));
      }
    }
    const ratios = latenciesNs.int8.map((ns, session) => ns / latenciesNs.float32[session]!);
    yield {
      bench: 'int8',
      metric: `${name}, ${resolution} px: int8 ÷ float32`,
      value: Number(median(ratios).toFixed(3)),
      unit: 'ratio',
      detail: {
        float32Us: Number((median(latenciesNs.float32) / 1e3).toFixed(1)),
        int8Us: Number((median(latenciesNs.int8) / 1e3).toFixed(1)),
        leastRatio: Number(Math.min(...ratios).toFixed(3)),
        mostRatio: Number(Math.max(...ratios).toFixed(3)),
        sessions: SESSIONS,
      },
    };
  }
}
