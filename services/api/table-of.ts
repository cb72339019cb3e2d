import { LatencyTable } from '../../core/latency/latency-table.js';
import type { ApiContext } from './api-context.js';

/**
 * A device's table, held in memory; an empty one while no worker has described the device.
 * @throws LutraError `unknown-device`
 */
export function tableOf({ tables }: ApiContext, device: string): LatencyTable {
  return (
    tables.get(device) ??
    new LatencyTable({ device, environmentHash: '', channelStep: 1, entries: [], observations: [] })
  );
}
