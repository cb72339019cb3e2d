import type { Environment } from '../../../contracts/environment.js';
import { DEFAULT_PROTOCOL } from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import type { RuntimeChoice } from '../../../runtimes/create-runtime.js';
import { type Cores, formatCores } from '../format-cores.js';
import { runMeasureChild } from './run-child.js';

/**
 * The environment that a measuring child on these cores finds.
 * @param cores to run on; null = any
 * @param signal kills the child
 * @throws LutraError `internal` when the child cannot tell; the signal's reason
 */
export async function describeDevice(
  choice: RuntimeChoice,
  cores: Cores | null,
  signal: AbortSignal = new AbortController().signal,
): Promise<Environment> {
  let found: Omit<Environment, 'pinned'> | undefined;
  let allowedCores: string | undefined;
  const plan = {
    runtime: choice.runtime,
    threads: choice.threads,
    ...(choice.dtype === undefined ? {} : { dtype: choice.dtype }),
    seed: 0,
    subjects: [],
    protocol: DEFAULT_PROTOCOL,
    ...(choice.runtimeOptions === undefined ? {} : { runtimeOptions: { ...choice.runtimeOptions } }),
  };
  const end = await runMeasureChild(plan, {
    cores,
    signal,
    silenceMs: DEFAULT_PROTOCOL.subjectTimeoutMs,
    describe: true,
    onMessage: (message) => {
      if (message.type === 'environment') ({ environment: found, allowedCores } = message);
    },
  });
  if (!end.ok || found === undefined)
    throw new LutraError(
      'internal',
      `runtime ${choice.runtime} does not start: ${end.ok ? '' : end.message}`,
    );
  return { ...found, pinned: isPinned(cores, allowedCores) };
}

/** @param allowed as read back, e.g. `0` or `0-3` */
export function isPinned(cores: Cores | null, allowed: string | undefined): boolean {
  return cores !== null && allowed === formatCores(cores);
}
