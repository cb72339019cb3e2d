import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeasureResult } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { LatencyTable } from '../../core/latency/latency-table.js';
import type { ProposeCommand } from '../../core/netadapt/command.js';
import { type ProposalOutcome, propose } from '../../core/netadapt/proposals.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { runMeasuring } from './measure.js';
import type { RunScope } from './run-scope.js';

/** Ops in one job: few enough that a crash loses little, enough that starting a session is cheap beside them. */
const OPS_PER_JOB = 64;

/** An op that so many jobs could not measure is given up. */
const TRIES = 3;

/** Disturbances pass: wait this long, times the tries, before asking for an op again. */
const RETRY_DELAY_MS = 2_000;

/**
 * Finds every group's width from the table, and has the ops measured that are needed to tell.
 * @param environmentHash of the device when the run began: figures of another environment do not compare
 * @throws LutraError `missing-ops` when an op of the network itself cannot be measured, `conflict` when the device has
 * another environment by now
 */
export async function proposeWidths(
  scope: RunScope,
  command: ProposeCommand,
  environmentHash: string,
): Promise<RunEvent> {
  const tries = new Map<string, number>();
  for (;;) {
    const unmeasurable = new Set([...tries].flatMap(([key, count]) => (count < TRIES ? [] : [key])));
    const table = tableOf(scope, environmentHash);
    const { targetMs, outcome } = firstReachable(table, command, unmeasurable);
    if (outcome.kind === 'proposals') {
      return { type: 'proposed', key: command.key, targetMs, proposals: outcome.proposals };
    }
    const tried = Math.max(...outcome.ops.map((key) => tries.get(key) ?? 0));
    await delay(tried * RETRY_DELAY_MS, undefined, { signal: scope.signal });
    for (const key of outcome.ops) tries.set(key, (tries.get(key) ?? 0) + 1);
    for (const key of await measureOps(scope, outcome.ops, tries)) tries.set(key, TRIES);
  }
}

function tableOf({ tables, request: { device } }: RunScope, environmentHash: string): LatencyTable {
  const table = tables.get(device);
  if (table?.environmentHash === environmentHash) return table;
  throw new LutraError(
    'conflict',
    `device '${device}' has another environment than when the run began: its figures do not compare`,
    { details: { expected: environmentHash, got: table?.environmentHash ?? null } },
  );
}

/** The most ambitious target that any group can meet, or whose answer needs measurements; else the last, unmet. */
function firstReachable(
  table: LatencyTable,
  { network, measuredMs, targetsMs, widthStep }: ProposeCommand,
  unmeasurable: ReadonlySet<string>,
): { readonly targetMs: number; readonly outcome: ProposalOutcome } {
  const reach = (targetMs: number) => ({
    targetMs,
    outcome: propose(table, { network, measuredMs, targetMs, widthStep, unmeasurable }),
  });
  for (const targetMs of targetsMs.slice(0, -1)) {
    const reached = reach(targetMs);
    if (reached.outcome.kind === 'missing' || reached.outcome.proposals.length > 0) return reached;
  }
  return reach(targetsMs.at(-1)!);
}

/**
 * All batches at once, for as many workers as there are. What they could not measure stays missing in the table.
 * @returns ops that the device will never measure
 */
async function measureOps(
  scope: RunScope,
  ops: readonly string[],
  tries: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const jobs: Promise<JobRow>[] = [];
  for (let from = 0; from < ops.length; from += OPS_PER_JOB) {
    const batch = ops.slice(from, from + OPS_PER_JOB);
    const identity = batch.map((key) => `${key}#${tries.get(key)}`).join('\n');
    const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    jobs.push(runMeasuring(scope, `${scope.jobKey}/ops/${digest}`, [], batch));
  }
  return (await Promise.all(jobs)).flatMap(({ result }) =>
    ((result as MeasureResult | null)?.ops ?? []).flatMap(({ key, failure }) =>
      failure?.kind === 'unsupported-op' ? [key] : [],
    ),
  );
}
