import type { TableEntry } from '../../core/latency/latency-table.js';
import type { MemoryCurve } from '../../core/latency/memory-curve.js';
import type { TimingTarget } from '../../core/latency/timing-target.js';

/** A network as measured whole, in several sessions. */
export interface MeasuredNetwork {
  readonly family: string;
  readonly resolution: number;
  readonly hash: string;
  readonly opKeys: readonly string[];
  readonly macs: number;
  /** One figure a session, at the level of the first session's anchor. */
  readonly latenciesNs: readonly number[];
  /** Which sessions these are, counted from 0. */
  readonly sessions: readonly number[];
  /** By the reference protocol, in three processes; null where that was not asked for. */
  readonly referenceNs: number | null;
}

/** What measuring ops took, whole networks and anchors apart, summed over all measurements of ops. */
export interface OpCost {
  readonly measurements: number;
  /** Timed runs of ops and of the graphs around them. */
  readonly timedMs: number;
  /** Building and loading those graphs, and bringing them to their steady state. */
  readonly openingMs: number;
}

/** Everything that the judgement of a table needs: it can be judged again without measuring again. */
export interface Collected {
  /** What whole networks were measured for; ops always for `steady`, the default. */
  readonly target?: TimingTarget;
  readonly networks: readonly MeasuredNetwork[];
  /** One measurement of every op. */
  readonly entries: readonly TableEntry[];
  /** Another one of some ops, made in other sessions: nanoseconds by op key. */
  readonly secondNs: Readonly<Record<string, number>>;
  /** Every op as a session of its own, timed back to back: nanoseconds by op key; empty where not asked for. */
  readonly isolatedNs: Readonly<Record<string, number>>;
  readonly curves: readonly MemoryCurve[];
  /** Of every session, nanoseconds. */
  readonly anchorsNs: readonly number[];
  /** Of every session: what a byte cost in three quarters of the last-level cache, nanoseconds; null = not readable. */
  readonly cacheNsPerByte?: readonly (number | null)[];
  /** Sessions that were held again. */
  readonly rejected?: number;
  readonly opCost: OpCost;
  readonly wallMs: number;
}
