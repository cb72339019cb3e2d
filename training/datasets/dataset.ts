import type { Shape } from '../../core/network/network.js';

/** Labelled images, as bytes. */
export interface Split {
  /** `[count, height, width, channels]`, row-major, 0–255. */
  readonly images: Uint8Array;
  /** Class of each image, 0 … classes − 1. */
  readonly labels: Uint8Array;
  readonly count: number;
}

/**
 * A data set in its three parts: `train` is learnt from, `holdout` chooses between networks, `test` is read once, at
 * the end.
 */
export interface Dataset {
  readonly name: string;
  /** `[height, width, channels]` of one image. */
  readonly imageShape: Shape;
  readonly classes: number;
  readonly train: Split;
  readonly holdout: Split;
  readonly test: Split;
}
