import type { AdaptationView, MeasuredNetwork } from '../contracts/adaptation.js';
import { seededRng } from '../core/random.js';

const GROUPS = 20;

/** An adaptation of many iterations, each with a proposal for every group: made up, with the shape of a real one. */
export function longRun(iterations: number): AdaptationView {
  const rng = seededRng(1);
  const widths = Object.fromEntries(Array.from({ length: GROUPS }, (_, i) => [`block${i}/expand/conv`, 960]));
  const evaluation = (accuracy: number) => ({
    accuracy,
    lossNats: 1 - accuracy,
    calibratedLossNats: 1 - accuracy,
    temperature: 1,
    count: 1_000,
  });
  const network = (share: number, accuracy: number): MeasuredNetwork => ({
    networkHash: 'a'.repeat(64),
    widths: { ...widths },
    macs: Math.round(6e7 * share),
    params: Math.round(2e6 * share),
    peakActivationBytes: 1_000_000,
    estimateMs: 10 * share,
    latencyMs: 10 * share * (1 + 0.01 * rng()),
    interval: { lowMs: 9.9 * share, highMs: 10.2 * share, level: 0.95 },
    latencies: {},
    weights: 'b'.repeat(64),
    holdout: evaluation(accuracy),
    test: null,
  });
  const seed = network(1, 0.95);
  const resource = { kind: 'latency', device: 'bench' } as const;
  return {
    id: 'adp_long',
    submittedBy: null,
    status: 'running',
    phase: 'iterating',
    progress: { done: iterations, total: 2 * iterations, note: 'made up' },
    request: {
      device: 'bench',
      candidate: { zoo: 'mobilenet-v3-large' },
      dataset: { kind: 'mnist' },
      budget: { ratio: 0.4 },
    },
    createdAtMs: 0,
    updatedAtMs: 0,
    budgetMs: 4,
    budget: [],
    reach: [],
    budgetMet: null,
    seed,
    iterations: Array.from({ length: iterations }, (_, index) => {
      const share = 1 - (0.6 * (index + 1)) / iterations;
      const chosen = `block${index % GROUPS}/expand/conv`;
      const before = { ...widths };
      widths[chosen] = Math.max(8, widths[chosen]! - 72);
      return {
        index,
        resource,
        target: 10 * share,
        targetMs: 10 * share,
        nullProposal: evaluation(0.95),
        proposals: Object.keys(widths).map((group) => ({
          group,
          widthBefore: before[group]!,
          width: Math.max(8, before[group]! - 72),
          also: [],
          estimate: 10 * share,
          estimateMs: 10 * share * (1 + 0.02 * rng()),
          holdout: evaluation(0.95 - 0.1 * rng()),
          score: rng(),
          failure: null,
          chosen: group === chosen,
        })),
        network: network(share, 0.95 - 0.0002 * index),
      };
    }),
    final: null,
    baselines: [],
    error: null,
  };
}
