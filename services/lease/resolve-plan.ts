import type { MeasurePayload } from '../../contracts/job.js';
import type { MeasurementPlan, Subject } from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';

/**
 * What a measure job comes down to *now*: the anchor, its networks, and the ops that the device's table lacks (all of
 * its ops when it asks to measure anew).
 * @param device where the job is measured
 * @param seed fixes the random order of visits
 * @returns null when the table has every op and no network was asked for
 * @throws LutraError `unknown-device`
 */
export function resolvePlan(
  db: Database,
  payload: MeasurePayload,
  device: string,
  seed: number,
): MeasurementPlan | null {
  const { runtime, options, environmentId } = new DeviceRepository(db).get(device);
  const inTable = payload.remeasure || environmentId === null ? null : environmentId;
  const ops =
    inTable === null
      ? [...new Set(payload.ops)]
      : new LatencyTableRepository(db).missing(inTable, payload.ops);
  const networks = new Map(payload.networks.map((network) => [contentHash(network as Network), network]));
  if (ops.length === 0 && networks.size === 0) return null;
  const anchor = anchorNetwork();
  const subjects: Subject[] = [
    { kind: 'anchor', id: 'anchor', networkHash: contentHash(anchor), network: anchor },
    ...[...networks].map(([networkHash, network]) => {
      return { kind: 'network' as const, id: `network:${networkHash}`, networkHash, network };
    }),
    ...ops.map((key) => ({ kind: 'op' as const, id: `op:${key}`, key })),
  ];
  return {
    runtime,
    threads: options.threads,
    dtype: options.dtype,
    seed,
    subjects,
    protocol: payload.protocol,
    ...(options.runtimeOptions === undefined ? {} : { runtimeOptions: { ...options.runtimeOptions } }),
  };
}
