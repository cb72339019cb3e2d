import type { Environment } from '../../../contracts/environment.js';
import type { DType } from '../../../core/ops/op.js';
import { encodeOpKey } from '../../../core/ops/op-key.js';
import type { Executable, TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { warmUpProbe } from './machine-probe.js';
import { warmUpSharing } from './sibling-probe.js';
import { SiblingWatch } from './sibling-watch.js';

type Facts = Omit<Environment, 'pinned'>;

/** A multiple of every step that is looked for, and the steps, the widest first. */
const WIDTH = 64;
const STEPS = [32, 16, 8] as const;
/**
 * Kernels that fall back to narrower vectors off their step take 1.7 times as long and more, all others 1.2 at most. Between
 * `same` and `clearlySlower` it is timed again.
 */
const RATIO = { same: 1.25, slower: 1.5, clearlySlower: 1.6 } as const;
const ROUNDS = { least: 8, most: 60 } as const;
const SAMPLES = 10;

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
  warmUpProbe();
  warmUpSharing();
  const opened: TimedOp[] = [];
  const open = async (channels: number): Promise<TimedOp> => {
    const op = await TimedOp.open(runtime, depthwiseKey(channels, dtype));
    opened.push(op);
    return op;
  };
  try {
    const full = await open(WIDTH);
    for (const step of STEPS) if (await isSlower(await open(WIDTH - step / 2), full)) return step;
    return 1;
  } catch {
    return 1;
  } finally {
    for (const op of opened) await op.close();
  }
}

/** Least durations only ever get closer to the kernels' own: what is not clear yet becomes so. */
async function isSlower(op: TimedOp, other: TimedOp): Promise<boolean> {
  const sibling = new SiblingWatch();
  for (let round = 1; ; round++) {
    for (const each of [op, other]) {
      sibling.begin();
      await each.sample();
    }
    const ratio = op.latencyNs / other.latencyNs;
    const isClear = ratio < RATIO.same || ratio > RATIO.clearlySlower;
    if (round === ROUNDS.most || (round >= ROUNDS.least && isClear)) return ratio > RATIO.slower;
  }
}

/** An op by the least of its samples, as its probe adds them up. */
class TimedOp {
  private constructor(
    private readonly graphs: readonly { coefficient: number; leastNs: number; graph: Executable }[],
  ) {}

  static async open(runtime: TensorRuntime, key: string): Promise<TimedOp> {
    const graphs = [];
    for (const { coefficient, open } of runtime.opProbe(key))
      graphs.push({ coefficient, leastNs: Number.POSITIVE_INFINITY, graph: await open() });
    return new TimedOp(graphs);
  }

  get latencyNs(): number {
    return this.graphs.reduce((sum, { coefficient, leastNs }) => sum + coefficient * leastNs, 0);
  }

  async sample(): Promise<void> {
    for (const timed of this.graphs)
      timed.leastNs = Math.min(timed.leastNs, ...(await timed.graph.sample(SAMPLES)));
  }

  async close(): Promise<void> {
    for (const { graph } of this.graphs) await graph.close();
  }
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
