import { gaussian, type Rng } from '../../core/random.js';
import type { Executable } from '../tensor-runtime.js';
import type { FakeRule } from './fake-options.js';

export interface FakeExecution {
  /** What one run takes, noise apart. */
  readonly latencyNs: number;
  readonly rule: FakeRule | undefined;
  readonly noise: number;
  readonly rng: Rng;
  readonly spend: boolean;
}

/** Runs of one fake graph: durations by formula, and misbehaviour by rule. */
export function fakeExecutable({ latencyNs, rule, noise, rng, spend }: FakeExecution): Executable {
  let runs = 0;
  const duration = (): number => {
    const active = rule !== undefined && runs++ >= (rule.fromRun ?? 0) ? rule : undefined;
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
    async sample(count) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const durationNs = duration();
        if (spend) spin(durationNs);
        durationsNs[i] = durationNs;
      }
      return durationsNs;
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

function hang(): never {
  for (;;);
}

function spin(durationNs: number): void {
  const endMs = performance.now() + durationNs / 1e6;
  while (performance.now() < endMs);
}
