import type { DeviceView } from '../../contracts/http/device-view.js';
import { median } from '../../core/latency/median.js';
import type { AnchorMeasurement } from '../../db/repositories/anchor-history.js';
import type { DeviceRow } from '../../db/repositories/devices.js';
import type { ApiContext } from './api-context.js';

const ANCHORS_SHOWN = 50;
const NS_PER_MS = 1e6;

/** A device as callers see it. */
export async function deviceView(context: ApiContext, device: DeviceRow): Promise<DeviceView> {
  const depth = (await context.queue.depth()).get(`device.${device.name}`);
  const anchors = context.anchors.of(device.id, ANCHORS_SHOWN);
  return {
    name: device.name,
    runtime: device.runtime as DeviceView['runtime'],
    threads: device.options.threads,
    state: device.state,
    environment: device.environment,
    environmentHash: device.environmentHash,
    registeredAtMs: device.registeredAtMs,
    lastSeenAtMs: device.lastSeenAtMs,
    queue: { waiting: depth?.waiting ?? 0, leased: depth?.leased ?? 0 },
    health: {
      anchors: anchors.map(({ latencyNs, lowNs, highNs, ...reading }) => ({
        ...reading,
        latencyMs: latencyNs / NS_PER_MS,
        lowMs: lowNs / NS_PER_MS,
        highMs: highNs / NS_PER_MS,
      })),
      noise: sessionNoise(anchors),
    },
  };
}

/** Median relative difference of neighbouring sessions: equal work, so all of it is noise. */
function sessionNoise(anchors: readonly AnchorMeasurement[]): number | null {
  const differences = anchors.slice(1).map(({ latencyNs }, i) => {
    const other = anchors[i]?.latencyNs ?? latencyNs;
    return (2 * Math.abs(other - latencyNs)) / (other + latencyNs);
  });
  return differences.length === 0 ? null : median(differences);
}
