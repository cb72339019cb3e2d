import { createHash } from 'node:crypto';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasurementQuality } from '../../contracts/http/measure.js';
import type { MeasuredNetworks } from '../../contracts/http/measured-networks.js';
import type { TimingTarget } from '../../contracts/measurement.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import type { CommandContext } from '../context.js';
import { inBatches } from './measure-batches.js';
import { type Measured, measureRounds, type Wanted } from './measure-rounds.js';

const NETWORKS_PER_JOB = 8;

export interface WholeNetwork {
  readonly network: Network;
  readonly hash: string;
}

export interface NetworksOf {
  readonly device: string;
  readonly target: TimingTarget;
  readonly networks: readonly WholeNetwork[];
  /** Default standard. */
  readonly quality?: MeasurementQuality;
}

export function wholeNetworks(networks: readonly Network[]): readonly WholeNetwork[] {
  return networks.map((network) => ({ network, hash: contentHash(network) }));
}

/** Those that calibrate the device's table now. */
export async function calibratingNetworks(
  { client }: CommandContext,
  { device, target, networks }: NetworksOf,
): Promise<readonly WholeNetwork[]> {
  const measured = await client.get<MeasuredNetworks>('/latency-table/networks', { device, target });
  const calibrating = new Set(
    measured.networks.flatMap(({ networkHash, calibrates }) => (calibrates ? [networkHash] : [])),
  );
  return networks.filter(({ hash }) => calibrating.has(hash));
}

/**
 * Has networks measured that will judge the table, each in two sessions. Jobs of an earlier run that was interrupted are
 * taken over.
 * @param run what has the same name and asks for the same is the same job
 * @returns of the first and of the second time
 */
export async function measureHeldOut(
  context: CommandContext,
  of: NetworksOf,
  run: string,
): Promise<readonly [Measured, Measured]> {
  const once = (time: 'first' | 'second'): Promise<Measured> =>
    measureRounds(context, {
      ...wholes(of),
      phase: (networks) => `Measuring ${networks.length} networks, ${time} time`,
      lacking: async (networks, jobs) => {
        const counted = countedIn(jobs);
        return networks.filter(({ hash }) => !counted.has(hash));
      },
      keyOf: (batch, number, round) => digest([run, time, number, round, batch]),
    });
  return [await once('first'), await once('second')];
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

function wholes({
  device,
  target,
  networks,
  quality,
}: NetworksOf): Omit<Wanted<WholeNetwork>, 'phase' | 'lacking' | 'keyOf'> {
  return {
    items: networks,
    noun: 'networks',
    batches: (items) => inBatches(items, NETWORKS_PER_JOB),
    idOf: ({ hash }) => hash,
    nameOf: ({ network }) => network.name,
    batchOf: (batch) => ({
      device,
      target,
      purpose: 'held-out',
      candidates: batch.map(({ network }) => ({ network })),
      ...(quality === undefined ? {} : { quality }),
    }),
  };
}

/** Hashes of networks that jobs measured in sessions that count. */
function countedIn(jobs: readonly JobView[]): ReadonlySet<string> {
  return new Set(
    jobs.flatMap(({ result }) =>
      result?.kind !== 'measure'
        ? []
        : result.networks.flatMap(({ networkHash, latencyMs, verdict }) =>
            latencyMs === null || verdict === 'rejected' ? [] : [networkHash],
          ),
    ),
  );
}
