import type { Attributes } from '../../../../formats/onnx/onnx-graph.js';
import type { TensorOps } from '../tensor-ops.js';

const DOMAIN = 'com.microsoft.nchwc';

/** Stride, padding, dilation and kernel extents of a blocked convolution. */
export interface BlockedWindow {
  readonly kernel: readonly [height: number, width: number];
  readonly stride?: readonly [height: number, width: number];
  readonly dilation?: readonly [height: number, width: number];
  readonly pads: readonly [top: number, right: number, bottom: number, left: number];
}

/**
 * The layout in which onnxruntime convolves directly, without making patches: channels in blocks of 8 or 16, the
 * channels of a block next to each other in memory. It is how the library rewrites models for itself, not a documented
 * interface: `nchwc-probe.ts` checks before use that it does what is assumed here.
 *
 * The batch of a channel-major map is one tall image, `[1, C, batch · height, width]`; reordered, its memory reads as
 * `[C / block, batch, height, width, block]`, that is as one image of `C · batch` channels. Depthwise convolution of
 * the whole batch is then one call with one group for each channel and image.
 */
export class BlockedLayout {
  /** Channels, filled up to whole blocks. */
  private readonly paddedChannels: number;
  /** Channels × images, as the convolution sees them. */
  private readonly groups: number;

  constructor(
    private readonly ops: TensorOps,
    private readonly batch: number,
    private readonly channels: number,
    private readonly block: number,
  ) {
    this.paddedChannels = Math.ceil(channels / block) * block;
    this.groups = batch * this.paddedChannels;
  }

  /** `[channels, batch · height · width]` → blocked `[1, groups, height, width]`. */
  reorder(map: string, height: number, width: number): string {
    const { ops, batch, channels, groups } = this;
    // The operator takes multiples of 4 channels, and fills up to the block itself.
    const missing = (4 - (channels % 4)) % 4;
    const zeros = missing === 0 ? [] : [ops.filled([missing, batch * height * width], 0)];
    const tall = ops.reshape(ops.concat([map, ...zeros], 0), [1, channels + missing, batch * height, width]);
    return ops.reshape(ops.node('ReorderInput', [tall], {}, DOMAIN), [1, groups, height, width]);
  }

  /** The inverse of {@link reorder}. */
  restore(map: string, height: number, width: number): string {
    const { ops, batch, channels, paddedChannels } = this;
    const tall = ops.reshape(map, [1, paddedChannels, batch * height, width]);
    const plain = ops.node('ReorderOutput', [tall], { channels: { int: channels } }, DOMAIN);
    return ops.reshape(plain, [channels, batch * height * width]);
  }

  /** Kernels `[channels, taps]`, blocked and repeated for each image: `[groups, 1, height, width]`. */
  kernels(kernels: string, height: number, width: number): string {
    const { ops, batch, channels, paddedChannels, block, groups } = this;
    const [blocks, taps] = [paddedChannels / block, height * width];
    const missing = paddedChannels - channels;
    const padded = missing === 0 ? kernels : ops.concat([kernels, ops.filled([missing, taps], 0)], 0);
    const blocked = ops.transpose(ops.reshape(padded, [blocks, block, taps]), [0, 2, 1]);
    const once = ops.reshape(blocked, [blocks, 1, taps * block]);
    const forEachImage = ops.node('Expand', [once, ops.graph.ints([blocks, batch, taps * block])]);
    return ops.reshape(forEachImage, [groups, 1, height, width]);
  }

  /** Blocked maps `[1, groups, height, width]` as the kernels of a convolution, each group's own. */
  asKernels(map: string, height: number, width: number): string {
    return this.ops.reshape(map, [this.groups, 1, height, width]);
  }

  /** A blocked map with a border of zeros. */
  pad(
    map: string,
    height: number,
    width: number,
    pads: readonly [top: number, right: number, bottom: number, left: number],
  ): string {
    const { ops, block, groups } = this;
    const [top, right, bottom, left] = pads;
    const rows = ops.reshape(map, [groups / block, height, width * block]);
    const border = ops.graph.ints([0, top, left * block, 0, bottom, right * block]);
    const padded = ops.node('Pad', [rows, border]);
    return ops.reshape(padded, [1, groups, height + top + bottom, width + left + right]);
  }

  /** Depthwise convolution of a blocked map with blocked kernels. */
  convolve(map: string, kernels: string, window: BlockedWindow): string {
    const [top, right, bottom, left] = window.pads;
    const attributes: Attributes = {
      kernel_shape: { ints: window.kernel },
      strides: { ints: window.stride ?? [1, 1] },
      dilations: { ints: window.dilation ?? [1, 1] },
      pads: { ints: [top, left, bottom, right] },
      group: { int: this.groups },
    };
    return this.ops.node('Conv', [map, kernels], attributes, DOMAIN);
  }

  /**
   * A blocked result `[1, groups, height, width]` summed over the images, its first rows and columns as kernels.
   * @returns `[channels, kernelHeight · kernelWidth]`
   */
  sumOverImages(
    map: string,
    [height, width]: readonly [height: number, width: number],
    [kernelHeight, kernelWidth]: readonly [height: number, width: number],
  ): string {
    const { ops, batch, channels, paddedChannels, block } = this;
    const blocks = paddedChannels / block;
    const taps = kernelHeight * kernelWidth;
    let sum = ops.sum(ops.reshape(map, [blocks, batch, height * width * block]), [1]);
    if (height > kernelHeight || width > kernelWidth) {
      const maps = ops.reshape(sum, [blocks, height, width, block]);
      const ends = ops.graph.ints([kernelHeight, kernelWidth]);
      sum = ops.node('Slice', [maps, ops.graph.ints([0, 0]), ends, ops.graph.ints([1, 2])]);
    }
    const kernels = ops.transpose(ops.reshape(sum, [blocks, taps, block]), [0, 2, 1]);
    const all = ops.reshape(kernels, [paddedChannels, taps]);
    return paddedChannels === channels ? all : ops.slice(all, 0, 0, channels);
  }
}
