import type { CommandContext } from '../context.js';
import { knownOps } from './known-ops.js';
import { type Measured, measureRounds } from './measure-rounds.js';

/** Few enough that a crash loses little, enough that starting a session is cheap beside them. */
export const OPS_PER_JOB = 64;

/** Has ops measured that the device's table lacks; those that it still lacks afterwards are left. */
export function measureOps(
  context: CommandContext,
  device: string,
  ops: readonly string[],
): Promise<Measured> {
  return measureRounds(context, {
    items: ops,
    noun: 'ops',
    batchSize: OPS_PER_JOB,
    idOf: (key) => key,
    nameOf: (key) => key,
    batchOf: (keys) => ({ device, ops: keys }),
    phase: (keys) => `Measuring ${keys.length} ops`,
    lacking: async (keys) => {
      const known = await knownOps(context, device);
      return keys.filter((key) => !known.has(key));
    },
  });
}
