import { contentHash } from '../../network/content-hash.js';
import type { Network } from '../../network/network.js';
import type { MeasureCommand } from '../command.js';
import type { MeasuredLatency } from '../run-event.js';
import type { RunState } from '../run-state.js';
import { deviceKey } from './device-key.js';
import { environmentHashOf } from './environment-hash-of.js';

/**
 * A session in poor circumstances, which the worker has already tried to better, is repeated once; the last one counts
 * whatever it was.
 */
const MAX_SESSIONS = 2;

export type WholeMeasurement =
  | { readonly kind: 'pending'; readonly commands: readonly MeasureCommand[] }
  /** By device, in the order of the networks asked for; all of a device from one session. */
  | { readonly kind: 'done'; readonly latencies: ReadonlyMap<string, readonly MeasuredLatency[]> };

/** The measurements of some networks on every device, one session each, or the commands that bring them. */
export function measureWhole(
  state: RunState,
  key: string,
  networks: readonly Network[],
  devices: readonly string[] = state.settings.devices,
): WholeMeasurement {
  const commands: MeasureCommand[] = [];
  const latencies = new Map<string, readonly MeasuredLatency[]>();
  for (const device of devices) {
    const outcome = measureOn(state, deviceKey(state, key, device), device, networks);
    if ('kind' in outcome) commands.push(outcome);
    else latencies.set(device, outcome);
  }
  return commands.length > 0 ? { kind: 'pending', commands } : { kind: 'done', latencies };
}

function measureOn(
  state: RunState,
  key: string,
  device: string,
  networks: readonly Network[],
): MeasureCommand | readonly MeasuredLatency[] {
  for (let session = 1; ; session++) {
    const sessionKey = session === 1 ? key : `${key}/${session}`;
    const measured = state.measured.get(sessionKey);
    if (measured === undefined) {
      const environmentHash = environmentHashOf(state, device);
      return { kind: 'measure', key: sessionKey, device, environmentHash, networks };
    }
    if (session < MAX_SESSIONS && measured.networks.some(({ trusted }) => !trusted)) continue;
    const byHash = new Map(measured.networks.map((network) => [network.networkHash, network]));
    const latencies = networks.map((network) => byHash.get(contentHash(network)));
    // Events of earlier versions may lack a network: such a session is held once more.
    if (latencies.every((latency) => latency !== undefined)) return latencies;
  }
}

/** What every device said of one of the networks. */
export function measuredAt(
  latencies: ReadonlyMap<string, readonly MeasuredLatency[]>,
  index: number,
): ReadonlyMap<string, MeasuredLatency> {
  return new Map([...latencies].map(([device, measured]) => [device, measured[index]!]));
}
