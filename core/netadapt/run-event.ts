import type { GroupWidth } from '../network/resize-groups.js';
import type { DType } from '../ops/op.js';
import type { Evaluation } from './evaluation.js';
import type { Proposal } from './proposals.js';
import type { Resource } from './resource.js';

/** A network as measured whole in one session. */
export interface MeasuredLatency {
  readonly networkHash: string;
  readonly latencyMs: number;
  /** 95 % interval. */
  readonly lowMs: number;
  readonly highMs: number;
  /** False: the circumstances were poor; the figure is used when repeating brought none better. */
  readonly trusted: boolean;
}

/**
 * What happened in a run, in order. A run's state is nothing but these: results of work, by the key of the command that
 * asked for it, and decisions, so that a later version of the rules never rewrites what a run did. Events as earlier
 * versions wrote them: {@link ./upcast-event.ts}.
 */
export type RunEvent =
  /** The device has an environment: what the run's table is for. */
  | {
      readonly type: 'device-described';
      readonly key: string;
      readonly environmentHash: string;
      readonly channelStep: number;
      /** What it computes in; absent in events of earlier versions. */
      readonly dtype?: DType;
      /** A/A noise as a share of a latency, kept so that a resumed run decides alike; null or absent: not known then. */
      readonly noise?: number | null;
    }
  | {
      readonly type: 'trained';
      readonly key: string;
      /** Content address. */
      readonly weights: string;
      /** Content address of its filters' importance; absent or null where L2 norms decide. */
      readonly importance?: string | null;
      readonly holdout: Evaluation | null;
      readonly test: Evaluation | null;
    }
  /** Costs a proposal, a reference or a baseline, never the run: what a run cannot do without ends in `failed`. */
  | { readonly type: 'training-failed'; readonly key: string; readonly message: string }
  | { readonly type: 'measured'; readonly key: string; readonly networks: readonly MeasuredLatency[] }
  | {
      readonly type: 'proposed';
      readonly key: string;
      /** What the iteration reduces. */
      readonly resource: Resource;
      /** In the resource's unit. */
      readonly target: number;
      /** None: no single width group reaches even a fraction of the step. */
      readonly proposals: readonly Proposal[];
    }
  | {
      readonly type: 'chosen';
      readonly key: string;
      /** Best first. */
      readonly widths: readonly GroupWidth[];
      /** Of all together, in the unit of the iteration's resource. */
      readonly estimate: number;
      /** By group. */
      readonly scores: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'failed';
      /** Of the command that failed, if one did: it is asked for anew when the run is resumed. */
      readonly key: string;
      readonly code: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'cancelled'; readonly key: string }
  | { readonly type: 'resumed'; readonly key: string }
  | { readonly type: 'finished'; readonly key: string };

export type RunEventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;
