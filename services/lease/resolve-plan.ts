import type { MeasurePayload } from '../../contracts/job.js';
import type { MeasurementPlan, Subject } from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { HostProbeRepository } from '../../db/repositories/host-probes.js';
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
  const { runtime, options, environmentId, environment } = new DeviceRepository(db).get(device);
  const inTable = payload.remeasure || environmentId === null ? null : environmentId;
  const ops =
    inTable === null
      ? [...new Set(payload.ops)]
      : new LatencyTableRepository(db).missing(inTable, payload.ops);
  const networks = networkSubjects(payload);
  if (ops.length === 0 && networks.length === 0) return null;
  const anchor = anchorNetwork();
  const subjects: Subject[] = [
    { kind: 'anchor', id: 'anchor', networkHash: contentHash(anchor), network: anchor },
    ...networks,
    ...ops.map((key) => ({ kind: 'op' as const, id: `op:${key}`, key })),
  ];
  return {
    runtime,
    threads: options.threads,
    dtype: options.dtype,
    seed,
    subjects,
    protocol: payload.protocol,
    ...(environment === null ? {} : { channelStep: environment.channelStep }),
    ...(knowsHost(db, runtime, environmentId) ? {} : { hostProbes: ['memory-curve' as const] }),
    ...(options.runtimeOptions === undefined ? {} : { runtimeOptions: { ...options.runtimeOptions } }),
  };
}

/** A host's curve moves a little with its neighbours: the middle of three sessions' counts. */
const CURVES = 3;

/** The fake device has no host. */
function knowsHost(db: Database, runtime: string, environmentId: number | null): boolean {
  if (runtime === 'fake') return true;
  return environmentId !== null && new HostProbeRepository(db).memoryCurves(environmentId).length >= CURVES;
}

/** Each network once; the two sides of a comparison apart, even where they are the same. */
function networkSubjects({ networks, aim, target }: MeasurePayload): readonly Subject[] {
  const subjects = networks.map((network, index) => {
    const networkHash = contentHash(network as Network);
    const cold = target === 'cold' ? { target } : {};
    const subject = { kind: 'network' as const, id: `network:${networkHash}`, networkHash, network, ...cold };
    if (aim !== 'comparison') return subject;
    const copy = index === 0 ? ('a' as const) : ('b' as const);
    return { ...subject, id: `${copy}:${subject.id}`, copy };
  });
  return [...new Map(subjects.map((subject) => [subject.id, subject])).values()];
}
