import { contentHash } from '../../network/content-hash.js';
import type { Network } from '../../network/network.js';
import type { MeasureCommand } from '../command.js';
import type { MeasuredLatency } from '../run-event.js';
import type { RunState } from '../run-state.js';

/**
 * A session in poor circumstances, which the worker has already tried to better, is repeated once; the last one counts
 * whatever it was.
 */
const MAX_SESSIONS = 2;

export type WholeMeasurement =
  | { readonly kind: 'pending'; readonly command: MeasureCommand }
  /** In the order of the networks asked for; all of one session. */
  | { readonly kind: 'done'; readonly latencies: readonly MeasuredLatency[] };

/** The measurements of some networks in one session, or the command that brings them. */
export function measureWhole(state: RunState, key: string, networks: readonly Network[]): WholeMeasurement {
  for (let session = 1; ; session++) {
    const sessionKey = session === 1 ? key : `${key}/${session}`;
    const measured = state.measured.get(sessionKey);
    if (measured === undefined) {
      return { kind: 'pending', command: { kind: 'measure', key: sessionKey, networks } };
    }
    if (session < MAX_SESSIONS && measured.networks.some(({ trusted }) => !trusted)) continue;
    const byHash = new Map(measured.networks.map((network) => [network.networkHash, network]));
    return { kind: 'done', latencies: networks.map((network) => byHash.get(contentHash(network))!) };
  }
}
