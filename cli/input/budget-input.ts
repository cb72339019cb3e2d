import { InvalidArgumentError } from 'commander';
import type { AdaptationRequest, Budget } from '../../contracts/adaptation.js';
import { usageError } from '../cli-error.js';
import { latencyValue, numberValue } from './option-values.js';

type DeviceLimits = NonNullable<Budget['devices']>;
type CountLimit = NonNullable<Budget['macs']>;

export interface BudgetFlags {
  readonly budget?: number;
  readonly ratio?: number;
  readonly budgetOn?: DeviceLimits;
  readonly macs?: CountLimit;
  readonly params?: CountLimit;
  readonly memory?: CountLimit;
}

/** For commander: `phone=30ms` or `phone=60%`, collected. */
export function collectDeviceLimit(text: string, collected: DeviceLimits = {}): DeviceLimits {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError(`"${text}" is not of the form device=latency.`);
  const limit = text.slice(equals + 1);
  const ratio = shareValue(limit);
  return {
    ...collected,
    [text.slice(0, equals)]: ratio === null ? { latencyMs: latencyValue(limit) } : { ratio },
  };
}

/** For commander: a count, or a share of the seed's such as `60%`. */
export function countLimit(text: string): CountLimit {
  const ratio = shareValue(text);
  return ratio === null ? numberValue(text) : { ratio };
}

function shareValue(text: string): number | null {
  return text.endsWith('%') ? numberValue(text.slice(0, -1)) / 100 : null;
}

/** The budget of a request. @throws CliError when the options give none, or two for the same latency */
export function budgetInput(flags: BudgetFlags): AdaptationRequest['budget'] {
  const { budget, ratio, budgetOn, macs, params, memory } = flags;
  if (budget !== undefined && ratio !== undefined) throw usageError('give --budget or --ratio, not both');
  const given = {
    latencyMs: budget,
    ratio,
    devices: budgetOn,
    macs,
    params,
    peakActivationBytes: memory,
  };
  const limits = Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined));
  if (Object.keys(limits).length === 0) {
    throw usageError('which budget? Give --budget 12ms or --ratio 0.6');
  }
  return limits;
}
