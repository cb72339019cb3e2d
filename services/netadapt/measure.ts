import type { MeasureResult } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { LutraError } from '../../core/errors.js';
import type { MeasureCommand } from '../../core/netadapt/command.js';
import type { MeasuredLatency, RunEvent } from '../../core/netadapt/run-event.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { EnvironmentRepository } from '../../db/repositories/environments.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { deviceQueue } from '../lease/queue-names.js';
import { otherEnvironment } from './other-environment.js';
import { runJob } from './run-job.js';
import type { RunScope } from './run-scope.js';

/**
 * Has networks measured whole, in one session.
 * @throws LutraError `measuring-failed` when one of them could not be, `conflict` when the session was held in another
 * environment than the run began in
 */
export async function measureNetworks(scope: RunScope, command: MeasureCommand): Promise<RunEvent> {
  const job = await runMeasuring(scope, scope.jobKey, command.device, command.networks, []);
  const result = job.result as MeasureResult | null;
  // An unstable session has figures too; the core decides whether to repeat it.
  if ((job.outcome !== 'ok' && job.outcome !== 'unstable') || result === null) {
    throw new LutraError(
      'measuring-failed',
      `measuring ${command.key} (job ${job.id}) ended as ${job.outcome}${job.message === null ? '' : `: ${job.message}`}`,
      { details: { job: job.id } },
    );
  }
  checkEnvironment(scope, command, result);
  const rows = new Map(result.networks.map((row) => [row.networkHash, row]));
  const networks = command.networks.map((network) => toLatency(contentHash(network), rows, job));
  return { type: 'measured', key: command.key, networks };
}

/** @param ops keys to be measured unless the table has them by then */
export function runMeasuring(
  scope: RunScope,
  key: string,
  device: string,
  networks: readonly Network[],
  ops: readonly string[],
): Promise<JobRow> {
  return runJob(scope, key, {
    kind: 'measure',
    queue: deviceQueue(device),
    payload: {
      kind: 'measure',
      device,
      networks: [...networks],
      ops: [...ops],
      protocol: DEFAULT_PROTOCOL,
      remeasure: false,
    },
  });
}

/** A worker may have started anew, on another core or with another runtime, since the run last looked. */
function checkEnvironment(
  { db }: RunScope,
  { device, environmentHash: expected }: MeasureCommand,
  { sessionId }: MeasureResult,
): void {
  if (sessionId === null) return;
  const got = new EnvironmentRepository(db).hashOfSession(sessionId);
  if (got !== expected) throw otherEnvironment(device, { expected, got });
}

function toLatency(
  networkHash: string,
  rows: ReadonlyMap<string, MeasureResult['networks'][number]>,
  { id }: JobRow,
): MeasuredLatency {
  const { latencyMs = null, interval = null, verdict, failure } = rows.get(networkHash) ?? {};
  if (latencyMs === null || interval === null) {
    const cause = failure == null ? 'no figure' : `${failure.kind}: ${failure.message}`;
    throw new LutraError('measuring-failed', `network ${networkHash} (job ${id}): ${cause}`, {
      details: { job: id },
    });
  }
  const { lowMs, highMs } = interval;
  return { networkHash, latencyMs, lowMs, highMs, trusted: verdict !== 'rejected' };
}
