import { LatencyTable } from '../../core/latency/latency-table.js';
import type { ApiContext } from './api-context.js';

/**
 * A device's table, held in memory; an empty one while no worker has described the device.
 * @throws LutraError `unknown-device`
 */
export function tableOf({ devices, tables }: ApiContext, device: string): LatencyTable {
  const known = tables.get(device);
  if (known !== undefined) return known;
  const { dtype } = devices.get(device).options;
  return new LatencyTable({
    device,
    environmentHash: '',
    channelStep: 1,
    dtype,
    entries: [],
    observations: [],
  });
}
