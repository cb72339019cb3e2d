import type { DeviceView } from '../../contracts/http/device-view.js';
import type { DeviceHealth } from '../../db/repositories/device-health.js';
import type { DeviceRow } from '../../db/repositories/devices.js';
import type { ApiContext } from './api-context.js';

const NS_PER_MS = 1e6;

/** A device as callers see it. */
export async function deviceView(context: ApiContext, device: DeviceRow): Promise<DeviceView> {
  const depth = (await context.queue.depth()).get(`device.${device.name}`);
  return {
    name: device.name,
    runtime: device.runtime as DeviceView['runtime'],
    threads: device.options.threads,
    dtype: device.options.dtype,
    state: device.state,
    environment: device.environment,
    environmentHash: device.environmentHash,
    registeredAtMs: device.registeredAtMs,
    lastSeenAtMs: device.lastSeenAtMs,
    queue: { waiting: depth?.waiting ?? 0, leased: depth?.leased ?? 0 },
    health: healthView(context.devices.health(device.name)),
  };
}

function healthView({ anchors, baselineNs, anchorNoise, verdicts }: DeviceHealth): DeviceView['health'] {
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
    noise: anchorNoise,
    verdicts: { ...verdicts },
  };
}

function toMs(ns: number | null): number | null {
  return ns === null ? null : ns / NS_PER_MS;
}
