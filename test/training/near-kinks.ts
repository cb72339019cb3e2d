import type { ActivationKind, Network } from '../../core/network/network.js';
import type { Nudges } from './nchw-step.js';

/** A pre-activation close to a point where its activation's slope jumps. */
export interface NearKink {
  readonly node: string;
  readonly index: number;
  /** What takes it as far to the other side as it is on this one, and at least over rounding. */
  readonly nudge: number;
  readonly distance: number;
}

const KINKS: Partial<Record<ActivationKind, readonly number[]>> = {
  relu: [0],
  relu6: [0, 6],
  hswish: [-3, 3],
  hsigmoid: [-3, 3],
};
/** More than a float32 near 6 can be off by. */
const LEAST_NUDGE = 2e-6;

/** Pre-activations within `most` of a kink, the closest first. */
export function nearKinks(
  network: Network,
  preActivations: ReadonlyMap<string, Float32Array>,
  most: number,
): NearKink[] {
  const found: NearKink[] = [];
  for (const node of network.nodes) {
    if (node.op !== 'activation') continue;
    const values = preActivations.get(node.id)!;
    for (const kink of KINKS[node.activation] ?? []) {
      values.forEach((value, index) => {
        const distance = Math.abs(value - kink);
        if (distance > most) return;
        const nudge = (value > kink ? -1 : 1) * Math.max(2 * distance, LEAST_NUDGE);
        found.push({ node: node.id, index, nudge, distance });
      });
    }
  }
  return found.toSorted((a, b) => a.distance - b.distance);
}

/** Takes these pre-activations over their kinks. */
export function nudgesOver(
  kinks: readonly NearKink[],
  preActivations: ReadonlyMap<string, Float32Array>,
): Nudges {
  const nudges = new Map<string, Float32Array>();
  for (const { node, index, nudge } of kinks) {
    const values = nudges.get(node) ?? new Float32Array(preActivations.get(node)!.length);
    values[index] = nudge;
    nudges.set(node, values);
  }
  return nudges;
}
