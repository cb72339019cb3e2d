import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import type { Op } from '../../core/ops/op.js';
import { opMacs, opOutputShape } from '../../core/ops/op-macs.js';
import type { FakeOptions } from './fake-options.js';

/** Constants of the fake device: about those of one server core. */
export const FAKE_DEFAULTS = {
  opFixedNs: 2_000,
  macsPerNs: 40,
  elementsPerNs: 8,
  channelStep: 16,
  networkFactor: 1.05,
  networkOverheadNs: 5_000,
} as const;

/**
 * The fake device's latency of an op, in whole nanoseconds:
 * fixed + MACs / macsPerNs + output elements / elementsPerNs, with channel counts rounded up to the channel step.
 */
export function fakeOpNs(op: Op, options: FakeOptions): number {
  const { opFixedNs, macsPerNs, elementsPerNs, channelStep } = { ...FAKE_DEFAULTS, ...options };
  const blocked = inBlocks(op, channelStep);
  const [height, width, channels] = opOutputShape(blocked);
  return Math.round(opFixedNs + opMacs(blocked) / macsPerNs + (height * width * channels) / elementsPerNs);
}

/** networkFactor × the sum of the network's ops + networkOverheadNs, in whole nanoseconds. */
export function fakeNetworkNs(network: Network, options: FakeOptions): number {
  const { networkFactor, networkOverheadNs } = { ...FAKE_DEFAULTS, ...options };
  const sumNs = fuse(network).reduce((sum, { op }) => sum + fakeOpNs(op, options), 0);
  return Math.round(networkFactor * sumNs + networkOverheadNs);
}

/** The op with its inner channel counts rounded up; an image's few channels stay as they are. */
function inBlocks(op: Op, step: number): Op {
  const up = (channels: number) => Math.ceil(channels / step) * step;
  switch (op.kind) {
    case 'conv2d': {
      if (op.groups > 1) return op;
      const [height, width, channels] = op.input;
      const inputs = channels <= 4 ? channels : up(channels);
      return { ...op, input: [height, width, inputs], filters: up(op.filters) };
    }
    case 'dense':
      return { ...op, inputs: up(op.inputs), units: up(op.units) };
    case 'squeezeExcite':
      return { ...op, input: [op.input[0], op.input[1], up(op.input[2])], squeeze: up(op.squeeze) };
    case 'concat':
      return op;
    default:
      return { ...op, input: [op.input[0], op.input[1], up(op.input[2])] };
  }
}
