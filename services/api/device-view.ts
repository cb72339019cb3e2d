import type { DeviceView } from '../../contracts/http/device-view.js';
import type { TimingTarget } from '../../core/latency/timing-target.js';
import type { DeviceHealth } from '../../db/repositories/device-health.js';
import type { DeviceRow } from '../../db/repositories/devices.js';
import { FidelityReportRepository } from '../../db/repositories/fidelity-reports.js';
import type { QueueDepth } from '../../db/repositories/jobs.js';
import type { ApiContext } from './api-context.js';
import { fidelityReportView } from './fidelity-report-view.js';

const NS_PER_MS = 1e6;

/**
 * A device as callers see it.
 * @param depths of all queues, by the rows: they are there when the queue is out of reach
 */
export function deviceView(
  context: ApiContext,
  device: DeviceRow,
  depths: ReadonlyMap<string, QueueDepth> = context.jobs.depths(),
): DeviceView {
  const depth = depths.get(`device.${device.name}`);
  return {
    name: device.name,
    runtime: device.runtime as DeviceView['runtime'],
    threads: device.options.threads,
    dtype: device.options.dtype,
    state: stateOf(device),
    quarantine: device.quarantine,
    labels: [...device.labels],
    environment: device.environment,
    environmentHash: device.environmentHash,
    registeredAtMs: device.registeredAtMs,
    lastSeenAtMs: device.lastSeenAtMs,
    queue: { waiting: depth?.waiting ?? 0, leased: depth?.leased ?? 0 },
    health: healthView(context.devices.health(device.name)),
    fidelity: fidelityOf(context, device.environmentId),
  };
}

function fidelityOf({ db }: ApiContext, environmentId: number | null): DeviceView['fidelity'] {
  const latest = (target: TimingTarget) => {
    const report =
      environmentId === null ? undefined : new FidelityReportRepository(db).latest(environmentId, target);
    return report === undefined ? null : fidelityReportView(report);
  };
  return { steady: latest('steady'), cold: latest('cold') };
}

/** Workers show that they are alive every five seconds, busy or not: three may be missed. */
const OFFLINE_AFTER_MS = 20_000;

export function isOnline({ lastSeenAtMs }: Pick<DeviceRow, 'lastSeenAtMs'>): boolean {
  return lastSeenAtMs !== null && Date.now() - lastSeenAtMs < OFFLINE_AFTER_MS;
}

function stateOf(device: DeviceRow): DeviceView['state'] {
  if (device.quarantine !== null) return 'quarantined';
  if (device.state === 'draining') return 'draining';
  return isOnline(device) ? 'active' : 'offline';
}

function healthView({
  anchors,
  baselineNs,
  noise,
  noiseChecks,
  verdicts,
}: DeviceHealth): DeviceView['health'] {
  return {
    anchors: anchors.map(({ sessionId, atMs, verdict, latencyNs, anchorFactor, current }) => ({
      sessionId,
      measuredAtMs: atMs,
      verdict,
      latencyMs: toMs(latencyNs),
      anchorFactor,
      current,
    })),
    baselineMs: toMs(baselineNs),
    noise,
    noiseChecks: noiseChecks.map(({ measuredAtMs, firstSessionId, secondSessionId, floor, pairs }) => ({
      measuredAtMs,
      sessionIds: [firstSessionId, secondSessionId],
      floor,
      networks: pairs.map(({ networkHash, firstNs, secondNs }) => ({
        networkHash,
        firstMs: firstNs / NS_PER_MS,
        secondMs: secondNs / NS_PER_MS,
      })),
    })),
    verdicts: { ...verdicts },
  };
}

function toMs(ns: number | null): number | null {
  return ns === null ? null : ns / NS_PER_MS;
}
