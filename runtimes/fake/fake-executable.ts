import { gaussian, type Rng } from '../../core/random.js';
import type { Executable } from '../tensor-runtime.js';
import type { FakeRule } from './fake-options.js';

export interface FakeExecution {
  /** What one run takes, noise apart. */
  readonly latencyNs: number;
  readonly rule: FakeRule | undefined;
  readonly noise: number;
  readonly rng: Rng;
  /** Wait for as long as a run takes, and report what the process's clock showed. */
  readonly spend: boolean;
  /** What the clock shows is a multiple of this. */
  readonly clockStepNs: number;
}

/** Runs of one fake graph: durations by formula, and misbehaviour by rule. */
export function fakeExecutable({
  latencyNs,
  rule,
  noise,
  rng,
  spend,
  clockStepNs,
}: FakeExecution): Executable {
  let runs = 0;
  // Where nothing is spent, time passes only here.
  let elapsedNs = 0;
  const duration = (): number => {
    const { fromRun = 0, untilRun = Number.POSITIVE_INFINITY } = rule ?? {};
    const active = runs >= fromRun && runs < untilRun ? rule : undefined;
    runs++;
    if (active !== undefined) {
      const broken = misbehave(active);
      if (broken !== null) return broken;
    }
    const slowdown = active?.behaviour === 'slow' ? (active.slowdown ?? 10) : 1;
    // Disturbances only ever add time.
    const disturbance = noise === 0 ? 1 : 1 + Math.abs(gaussian(rng)) * noise;
    return Math.round(latencyNs * slowdown * disturbance);
  };
  return {
    async sample(count, runsPerSample = 1) {
      const samplesNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        let startNs = spend ? performance.now() * 1e6 : elapsedNs;
        let endNs = startNs;
        for (let run = 0; run < runsPerSample; run++) {
          endNs += duration();
          if (spend) spinUntil(endNs);
        }
        if (spend && Number.isFinite(endNs)) endNs = performance.now() * 1e6;
        if (Number.isFinite(endNs)) elapsedNs = endNs;
        if (clockStepNs > 1) [startNs, endNs] = [shown(startNs, clockStepNs), shown(endNs, clockStepNs)];
        samplesNs[i] = (endNs - startNs) / runsPerSample;
      }
      return samplesNs;
    },
    close: async () => undefined,
  };
}

/** @returns a duration that cannot be one, or null where the rule leaves time as it is */
function misbehave({ behaviour }: FakeRule): number | null {
  switch (behaviour) {
    case 'crash':
      return process.abort();
    case 'out-of-memory':
      process.kill(process.pid, 'SIGKILL');
      return hang();
    case 'unsupported-in-run':
      throw new Error('the fake device has no kernel for an operator of this graph');
    case 'hang':
      return hang();
    case 'zero':
      return 0;
    case 'nan':
      return Number.NaN;
    case 'negative':
      return -1;
    default:
      return null;
  }
}

/** What a clock with a step shows. */
function shown(timeNs: number, stepNs: number): number {
  return Math.floor(timeNs / stepNs) * stepNs;
}

function hang(): never {
  for (;;);
}

function spinUntil(endNs: number): void {
  while (performance.now() * 1e6 < endNs);
}
