import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeasureResult } from '../../contracts/job.js';
import type { LatencyTable } from '../../core/latency/latency-table.js';
import type { ProposeCommand } from '../../core/netadapt/command.js';
import { proposeCountedStep } from '../../core/netadapt/counted-proposals.js';
import { type Proposal, propose } from '../../core/netadapt/proposals.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { runMeasuring } from './measure.js';
import { otherEnvironment } from './other-environment.js';
import type { RunScope } from './run-scope.js';

/** Ops in one job: few enough that a crash loses little, enough that starting a session is cheap beside them. */
const OPS_PER_JOB = 64;

/** An op that so many jobs could not measure is given up. */
const TRIES = 3;

/** Disturbances pass: wait this long, times the tries, before asking for an op again. */
const RETRY_DELAY_MS = 2_000;

/**
 * Finds every group's width: from the graph where the resource is counted, else from the device's table, having the ops
 * measured that are needed to tell.
 * @throws LutraError `missing-ops` when an op of the network itself cannot be measured, `conflict` when the device has
 * another environment by now
 */
export async function proposeWidths(scope: RunScope, command: ProposeCommand): Promise<RunEvent> {
  const { key, resource } = command;
  const { target, proposals } =
    resource.kind === 'latency'
      ? await fromTable(scope, command, resource.device)
      : proposeCountedStep({ ...command, kind: resource.kind });
  return { type: 'proposed', key, resource, target, proposals };
}

interface Proposed {
  readonly target: number;
  readonly proposals: readonly Proposal[];
}

async function fromTable(scope: RunScope, command: ProposeCommand, device: string): Promise<Proposed> {
  const tries = new Map<string, number>();
  for (;;) {
    const unmeasurable = new Set([...tries].flatMap(([key, count]) => (count < TRIES ? [] : [key])));
    const table = tableOf(scope, device, command.environmentHash);
    let missing: readonly string[] = [];
    const { network, amount: measuredMs, widthStep } = command;
    const proposed = firstReachable(command, (targetMs) => {
      const outcome = propose(table, { network, measuredMs, targetMs, widthStep, unmeasurable });
      if (outcome.kind === 'proposals') return outcome.proposals;
      missing = outcome.ops;
      return null;
    });
    if (missing.length === 0) return proposed;
    const tried = Math.max(...missing.map((key) => tries.get(key) ?? 0));
    await delay(tried * RETRY_DELAY_MS, undefined, { signal: scope.signal });
    for (const key of missing) tries.set(key, (tries.get(key) ?? 0) + 1);
    for (const key of await measureOps(scope, device, missing, tries)) tries.set(key, TRIES);
  }
}

function tableOf({ tables }: RunScope, device: string, environmentHash: string | null): LatencyTable {
  const table = tables.get(device);
  if (table !== undefined && table.environmentHash === environmentHash) return table;
  throw otherEnvironment(device, { expected: environmentHash, got: table?.environmentHash ?? null });
}

/**
 * The most ambitious target that any group can meet, else the last, unmet.
 * @param at the proposals that meet a target; null ends the search: measurements are needed to tell
 */
function firstReachable(
  { targets }: ProposeCommand,
  at: (target: number) => readonly Proposal[] | null,
): Proposed {
  for (const target of targets.slice(0, -1)) {
    const proposals = at(target);
    if (proposals === null) return { target, proposals: [] };
    if (proposals.length > 0) return { target, proposals };
  }
  const last = targets.at(-1)!;
  return { target: last, proposals: at(last) ?? [] };
}

/**
 * All batches at once, for as many workers as there are. What they could not measure stays missing in the table.
 * @returns ops that the device will never measure
 */
async function measureOps(
  scope: RunScope,
  device: string,
  ops: readonly string[],
  tries: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const jobs: Promise<JobRow>[] = [];
  for (let from = 0; from < ops.length; from += OPS_PER_JOB) {
    const batch = ops.slice(from, from + OPS_PER_JOB);
    const identity = batch.map((key) => `${key}#${tries.get(key)}`).join('\n');
    const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    jobs.push(runMeasuring(scope, `${scope.jobKey}/ops/${digest}`, device, [], batch));
  }
  return (await Promise.all(jobs)).flatMap(({ result }) =>
    ((result as MeasureResult | null)?.ops ?? []).flatMap(({ key, failure }) =>
      failure?.kind === 'unsupported-op' ? [key] : [],
    ),
  );
}
