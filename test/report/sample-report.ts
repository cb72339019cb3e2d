import type {
  AdaptationView,
  IterationView,
  MeasuredNetwork,
  ProposalView,
} from '../../contracts/adaptation.js';
import type { Evaluation } from '../../contracts/job.js';
import type { OpShare, Report } from '../../contracts/report.js';
import { gaussian, type Rng, seededRng } from '../../core/random.js';

/** Groups of a MobileNetV3 for 28×28 images: seed width and the latency of 16 channels, in nanoseconds. */
const GROUPS: readonly (readonly [string, number, number])[] = [
  ['stem/conv', 24, 2600],
  ['block1/se/squeeze', 8, 160],
  ['block2/expand/conv', 104, 900],
  ['block2/project/conv', 40, 1500],
  ['block3/expand/conv', 144, 620],
  ['block4/expand/conv', 160, 610],
  ['block4/se/squeeze', 40, 90],
  ['block4/project/conv', 64, 700],
  ['block5/expand/conv', 304, 330],
  ['block5/se/squeeze', 80, 60],
  ['block6/expand/conv', 184, 380],
  ['block6/se/squeeze', 48, 70],
  ['head/conv', 360, 240],
  ['classifier/dense1', 320, 170],
];

const STEP = 16;

const LATENCY = { kind: 'latency', device: 'local' } as const;

type Widths = Readonly<Record<string, number>>;

const SEED_WIDTHS: Widths = Object.fromEntries(GROUPS.map(([group, width]) => [group, width]));
/** Groups that may not shrink: the image's channels and the classes. */
const FROZEN_WIDTHS: Widths = { input: 1, 'classifier/dense2': 10 };

/** An imagined device whose latency is a staircase of 16 channels. */
function latencyNs(widths: Widths): number {
  return GROUPS.reduce((sum, [group, , stepNs]) => sum + Math.ceil(widths[group]! / STEP) * stepNs, 9000);
}

function evaluation(accuracy: number, count: number): Evaluation {
  const lossNats = (1 - accuracy) * 3.1;
  return { accuracy, lossNats, calibratedLossNats: lossNats * 0.97, temperature: 1.12, count };
}

function measured(widths: Widths, rng: Rng, accuracies: { holdout: number; test?: number }): MeasuredNetwork {
  const latencyMs = (latencyNs(widths) / 1e6) * (1 + gaussian(rng) * 0.012);
  const interval = { lowMs: latencyMs * 0.986, highMs: latencyMs * 1.013, level: 0.95 };
  const channels = Object.values(widths).reduce((sum, width) => sum + width, 0);
  return {
    networkHash: 'a'.repeat(64),
    widths: { ...widths, ...FROZEN_WIDTHS },
    macs: Math.round(channels * 1640),
    params: Math.round(channels * 142),
    estimateMs: latencyNs(widths) / 1e6,
    peakActivationBytes: 4 * channels * 196,
    latencyMs,
    interval,
    latencies: { local: { latencyMs, interval } },
    weights: 'b'.repeat(64),
    holdout: evaluation(accuracies.holdout, 5000),
    test: accuracies.test === undefined ? null : evaluation(accuracies.test, 10_000),
  };
}

/** A whole finished run, the same at every call: equal seeds, equal pages. */
export function sampleAdaptation(): AdaptationView {
  const rng = seededRng(20261124);
  const seed = measured(SEED_WIDTHS, rng, { holdout: 0.9886 });
  const budgetMs = seed.latencyMs! * 0.6;
  const iterations: IterationView[] = [];
  let widths = SEED_WIDTHS;
  let reductionMs = seed.latencyMs! * 0.06;
  let currentMs = seed.latencyMs!;
  while (currentMs > budgetMs && iterations.length < 30) {
    const targetMs = currentMs - reductionMs;
    const iteration = sampleIteration(iterations.length, widths, currentMs, targetMs, rng);
    iterations.push(iteration);
    widths = iteration.network!.widths;
    currentMs = iteration.network!.latencyMs!;
    reductionMs *= 0.96;
  }
  const final = measured(widths, rng, { holdout: 0.9884, test: 0.9893 });
  const leastMs = latencyNs(Object.fromEntries(GROUPS.map(([group]) => [group, STEP]))) / 1e6;
  const uniform = (multiplier: number, rounding: (width: number) => number): Widths =>
    Object.fromEntries(GROUPS.map(([group, width]) => [group, Math.max(4, rounding(width * multiplier))]));
  const stepped = (width: number) => Math.ceil(width / STEP) * STEP;
  return {
    id: 'adp_01k9sample',
    status: 'finished',
    phase: 'done',
    submittedBy: 'local',
    progress: { done: 420, total: 420, note: 'done' },
    request: {
      device: 'local',
      candidate: { zoo: 'mobilenet-v3-tiny', options: { width: 2.5, stemStride: 2 } },
      dataset: { kind: 'mnist' },
      trainer: 'onnxruntime',
      budget: { ratio: 0.6 },
      policy: 'netadapt',
      initialReduction: 0.06,
      reductionDecay: 0.96,
      ranking: 'loss-per-latency',
      widthStep: null,
      baselines: true,
      randomSeed: 1,
      recipes: {
        seed: { steps: 1200, batchSize: 64, learningRate: 0.05, schedule: 'cosine' },
        fineTune: { steps: 100, batchSize: 64, learningRate: 0.03, schedule: 'cosine' },
        final: { steps: 1000, batchSize: 64, learningRate: 0.05, schedule: 'cosine', distillation: 0.6 },
      },
    },
    createdAtMs: Date.UTC(2026, 10, 24, 9, 30),
    updatedAtMs: Date.UTC(2026, 10, 24, 9, 36),
    budgetMs,
    budget: [
      {
        resource: LATENCY,
        limit: budgetMs,
        seed: seed.latencyMs!,
        least: leastMs,
        reached: final.latencyMs!,
        interval: final.interval,
        met: true,
      },
    ],
    reach: [
      {
        device: 'local',
        seedMs: seed.latencyMs!,
        leastMs,
        widthShare: 1 - leastMs / seed.latencyMs!,
        ops: 38,
        noise: 0.012,
      },
    ],
    budgetMet: true,
    widthStep: 16,
    seed,
    iterations,
    final,
    baselines: [
      {
        name: 'seed',
        multiplier: 1,
        iterations: null,
        network: measured(SEED_WIDTHS, rng, { holdout: 0.9902, test: 0.9907 }),
      },
      {
        name: 'uniform',
        multiplier: 0.4125,
        iterations: null,
        network: measured(uniform(0.4125, Math.round), rng, { holdout: 0.9836, test: 0.9851 }),
      },
      {
        name: 'uniform-stepped',
        multiplier: 0.4469,
        iterations: null,
        network: measured(uniform(0.4469, stepped), rng, { holdout: 0.9878, test: 0.9886 }),
      },
    ],
    error: null,
  };
}

function sampleIteration(
  index: number,
  widths: Widths,
  currentMs: number,
  targetMs: number,
  rng: Rng,
): IterationView {
  const anchor = currentMs / latencyNs(widths);
  const base = 0.9886 - (index + 1) * 0.0002;
  const proposals: ProposalView[] = [];
  for (const [group] of GROUPS) {
    const widthBefore = widths[group]!;
    const estimateOf = (width: number) => latencyNs({ ...widths, [group]: width }) * anchor;
    let width = widthBefore - (widthBefore % STEP || STEP);
    while (width >= STEP && estimateOf(width) > targetMs) width -= STEP;
    if (width < STEP) continue;
    const harm = (1 - width / widthBefore) ** 2 * 0.012 * (group.includes('project') ? 3 : 1);
    const accuracy = base - harm + gaussian(rng) * 0.0005;
    const failure =
      index === 2 && group === 'block6/expand/conv' ? 'training-failed: the loss became infinite' : null;
    proposals.push({
      group,
      widthBefore,
      width,
      also: [],
      estimate: estimateOf(width),
      estimateMs: estimateOf(width),
      holdout: failure === null ? evaluation(accuracy, 5000) : null,
      score: failure === null ? (harm * 3) / (currentMs - estimateOf(width)) : null,
      failure,
      chosen: false,
    });
  }
  const ranked = proposals.filter((proposal) => proposal.score !== null).sort((a, b) => a.score! - b.score!);
  const best = ranked[0]!;
  const after = { ...widths, [best.group]: best.width };
  const network = {
    ...measured(after, rng, { holdout: best.holdout!.accuracy }),
    estimateMs: best.estimateMs,
  };
  return {
    index,
    resource: LATENCY,
    target: targetMs,
    targetMs,
    nullProposal: evaluation(base, 5000),
    proposals: proposals.map((proposal) => ({ ...proposal, chosen: proposal === best })),
    network,
  };
}

const SAMPLE_OPS: readonly (readonly [string, number])[] = [
  ['conv2d:28x28x1>24:k3x3:s2x2:hswish:f32', 5200],
  ['depthwise:14x14x24:k3x3:s1x1:relu:f32', 3100],
  ['squeezeExcite:14x14x24:8:relu:hsigmoid:f32', 2900],
  ['conv2d:14x14x24>40:k1x1:s1x1:none:f32', 2300],
  ['conv2d:14x14x40>104:k1x1:s1x1:relu:f32', 5900],
  ['depthwise:14x14x104:k3x3:s2x2:relu:f32', 3700],
  ['conv2d:7x7x104>40:k1x1:s1x1:none:f32', 2500],
  ['conv2d:7x7x40>304:k1x1:s1x1:hswish:f32', 4800],
  ['depthwise:7x7x304:k5x5:s1x1:hswish:f32', 7300],
  ['squeezeExcite:7x7x304:80:relu:hsigmoid:f32', 5100],
  ['conv2d:7x7x304>64:k1x1:s1x1:none:f32', 6200],
  ['conv2d:4x4x64>360:k1x1:s1x1:hswish:f32', 3300],
  ['globalAvgPool:4x4x360:f32', 1100],
  ['dense:360>320:hswish:f32', 4100],
  ['dense:320>10:none:f32', 900],
];

function sampleOps(share: (index: number) => number): OpShare[] {
  return SAMPLE_OPS.map(([key, ns], index) => ({ key, count: 1, latencyMs: (ns / 1e6) * share(index) }));
}

/** The document behind the page of {@link sampleAdaptation}. */
export function sampleReport(): Report {
  return {
    version: 1,
    lutraVersion: '0.1.0',
    generatedAtMs: Date.UTC(2026, 10, 24, 9, 36, 20),
    wallMs: 312_000,
    adaptation: sampleAdaptation(),
    devices: [
      {
        name: 'local',
        environment: {
          cpuModel: 'Example CPU @ 2.80GHz',
          isa: ['avx2', 'avx512f'],
          arch: 'x64',
          os: '6.1',
          runtime: 'onnxruntime',
          runtimeVersion: '1.30.0',
          libraryDigest: 'c'.repeat(64),
          threads: 1,
          dtype: 'float32',
          pinned: true,
          channelStep: 16,
          flags: { binding: 'internal' },
        },
      },
    ],
    frozenGroups: Object.keys(FROZEN_WIDTHS),
    ops: { seed: sampleOps(() => 1), final: sampleOps((index) => [0.9, 0.5, 0.7, 0.6][index % 4]!) },
  };
}
