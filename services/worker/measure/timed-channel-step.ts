import type { Environment } from '../../../contracts/environment.js';
import type { DType } from '../../../core/ops/op.js';
import { encodeOpKey } from '../../../core/ops/op-key.js';
import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { warmUpProbe } from './machine-probe.js';
import { warmUpSharing } from './sibling-probe.js';
import { SiblingWatch } from './sibling-watch.js';

type Facts = Omit<Environment, 'pinned'>;

/** A multiple of every step that is looked for, and the steps, the widest first. */
const WIDTH = 64;
const STEPS = [32, 16, 8] as const;
/** Kernels that fall back to narrower vectors off their step took 2.3 times as long and more, all others 1.2 at most. */
const SLOWER = 1.5;
const SAMPLES = { warmUp: 10, rounds: 4, timed: 10 } as const;

/**
 * The environment with a channel step where the runtime shows one by timing alone: a depthwise convolution halfway between
 * two multiples of it takes far longer than at the multiple. Runtimes that know the width of their blocks are
 * believed.
 * @param knownStep as found before; absent: it is timed now, which opens a dozen small graphs
 */
export async function withChannelStep(
  runtime: TensorRuntime,
  environment: Facts,
  knownStep?: number,
): Promise<Facts> {
  if (environment.channelStep > 1 || runtime.name === 'fake') return environment;
  const channelStep = knownStep ?? (await timedStep(runtime, environment.dtype));
  if (channelStep === 1) return environment;
  return { ...environment, channelStep, flags: { ...environment.flags, offStep: 'slower' } };
}

async function timedStep(runtime: TensorRuntime, dtype: DType): Promise<number> {
  try {
    warmUpProbe();
    warmUpSharing();
    const fullNs = await depthwiseNs(runtime, WIDTH, dtype);
    for (const step of STEPS) {
      if ((await depthwiseNs(runtime, WIDTH - step / 2, dtype)) > SLOWER * fullNs) return step;
    }
    return 1;
  } catch {
    return 1;
  }
}

/** The least of its samples, as the op's probe adds them up; a busy sibling thread alone would make {@link SLOWER}. */
async function depthwiseNs(runtime: TensorRuntime, channels: number, dtype: DType): Promise<number> {
  const sibling = new SiblingWatch();
  let latencyNs = 0;
  for (const { coefficient, open } of runtime.opProbe(depthwiseKey(channels, dtype))) {
    const graph = await open();
    await graph.sample(SAMPLES.warmUp);
    let leastNs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < SAMPLES.rounds; round++) {
      sibling.begin();
      leastNs = Math.min(leastNs, ...(await graph.sample(SAMPLES.timed)));
    }
    latencyNs += coefficient * leastNs;
    await graph.close();
  }
  return latencyNs;
}

function depthwiseKey(channels: number, dtype: DType): string {
  return encodeOpKey({
    kind: 'depthwise',
    dtype,
    input: [14, 14, channels],
    kernel: [3, 3],
    stride: [1, 1],
    padding: 'same',
    residual: false,
    activation: 'relu',
  });
}
