import { countMacs } from '../network/macs.js';
import { peakActivationBytes } from '../network/memory.js';
import type { Network } from '../network/network.js';
import { countParams } from '../network/params.js';

/** What follows from the graph alone. */
export type CountedKind = 'macs' | 'params' | 'peakActivationBytes';

/** What a budget may limit and a step of NetAdapt may take away: Res_j of the paper's equation 1. */
export type Resource =
  /** Milliseconds. */
  { readonly kind: 'latency'; readonly device: string } | { readonly kind: CountedKind };

export function sameResource(a: Resource, b: Resource): boolean {
  if (a.kind !== 'latency' || b.kind !== 'latency') return a.kind === b.kind;
  return a.device === b.device;
}

const COUNTS: Readonly<Record<CountedKind, (network: Network) => number>> = {
  macs: countMacs,
  params: countParams,
  peakActivationBytes: (network) => peakActivationBytes(network),
};

/** How much of a counted resource a network needs. */
export function countOf(kind: CountedKind, network: Network): number {
  return COUNTS[kind](network);
}
