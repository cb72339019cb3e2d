import type { TimingTarget } from '../../contracts/measurement.js';
import type { CommandContext } from '../context.js';
import { knownOps } from './known-ops.js';
import { calibratingNetworks, type WholeNetwork } from './measure-networks.js';
import { type Measured, measureRounds } from './measure-rounds.js';

/** Few enough that a crash loses little, enough that starting a session is cheap beside them. */
const OPS_PER_SESSION = 64;

/** Networks of one session share its level: what they have in common, a calibration could not know for chance. */
const NETWORKS_PER_SESSION = 2;

/**
 * Sessions of each network, far apart: a network's figure moves by some percent with what others on the host do in that minute,
 * which one session cannot tell from what is the network's own.
 */
export const SESSIONS_PER_NETWORK = 3;

/** What a table lacks. */
export interface Lacking {
  readonly device: string;
  /** Of the networks' latencies; ops are always steady. */
  readonly target: TimingTarget;
  /** Op keys. */
  readonly ops: readonly string[];
  /** To be measured whole, to calibrate. */
  readonly networks: readonly WholeNetwork[];
}

type Item = string | WholeNetwork;

/** Sessions that so many ops and networks are dealt to. */
export function sessionCount(ops: number, networks: number): number {
  const forOps = Math.ceil(ops / OPS_PER_SESSION);
  if (networks === 0) return forOps;
  const forNetworks = Math.ceil((networks * SESSIONS_PER_NETWORK) / NETWORKS_PER_SESSION);
  return Math.max(forOps, forNetworks, SESSIONS_PER_NETWORK);
}

/**
 * Has ops measured that a device's table lacks, and networks that are to calibrate it, dealt over all sessions like cards:
 * each session has its share of every size and kind, so that the host's state of a minute is nobody's own. Ops once, networks
 * several times. Ops that the table lacks afterwards are left, and networks that do not calibrate it.
 */
export function measureTable(
  context: CommandContext,
  { device, target, ops, networks }: Lacking,
): Promise<Measured> {
  return measureRounds<Item>(context, {
    items: [...ops, ...networks],
    noun: nounOf(ops.length, networks.length),
    batches: deal,
    idOf: (item) => (isOp(item) ? item : item.hash),
    nameOf: (item) => (isOp(item) ? item : item.network.name),
    batchOf: (items) => {
      const { keys, wholes } = divide(items);
      return {
        device,
        target,
        ...(keys.length === 0 ? {} : { ops: keys }),
        ...(wholes.length === 0 ? {} : { candidates: wholes.map(({ network }) => ({ network })) }),
      };
    },
    phase: (items) => `Measuring ${itemWords(items)}`,
    lacking: async (items) => {
      const known = await knownOps(context, device);
      const { wholes } = divide(items);
      const calibrating = new Set(await calibratingNetworks(context, { device, target, networks: wholes }));
      return items.filter((item) => (isOp(item) ? !known.has(item) : !calibrating.has(item)));
    },
  });
}

function isOp(item: Item): item is string {
  return typeof item === 'string';
}

function divide(items: readonly Item[]): {
  readonly keys: readonly string[];
  readonly wholes: readonly WholeNetwork[];
} {
  return { keys: items.filter(isOp), wholes: items.filter((item): item is WholeNetwork => !isOp(item)) };
}

function deal(items: readonly Item[]): readonly (readonly Item[])[] {
  const { keys, wholes } = divide(items);
  const sessions = Array.from({ length: sessionCount(keys.length, wholes.length) }, (): Item[] => []);
  for (const [i, key] of keys.entries()) sessions[i % sessions.length]!.push(key);
  const again = Array.from({ length: SESSIONS_PER_NETWORK }, () => wholes).flat();
  for (const [i, whole] of again.entries())
    sessions[Math.floor((i * sessions.length) / again.length)]!.push(whole);
  return sessions;
}

function nounOf(ops: number, networks: number): string {
  return [...(ops === 0 ? [] : ['ops']), ...(networks === 0 ? [] : ['networks'])].join(' and ');
}

function itemWords(items: readonly Item[]): string {
  const { keys, wholes } = divide(items);
  const parts = [
    ...(keys.length === 0 ? [] : [countOf(keys, 'op')]),
    ...(wholes.length === 0 ? [] : [`${countOf(wholes, 'network')} to calibrate`]),
  ];
  return parts.join(' and ');
}

function countOf({ length }: readonly unknown[], noun: string): string {
  return `${length} ${noun}${length === 1 ? '' : 's'}`;
}
