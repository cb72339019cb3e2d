import type { TensorOps } from '../tensor-ops.js';

/** Channel-major `[channels, batch · height · width]` → the standard `[batch, channels, height, width]`. */
export function toImages(
  ops: TensorOps,
  map: string,
  [batch, channels, height, width]: readonly [batch: number, channels: number, height: number, width: number],
): string {
  const shape = [batch, channels, height, width];
  if (channels === 1) return ops.reshape(map, shape);
  const swapped = ops.transpose(ops.reshape(map, [channels, batch, height * width]), [1, 0, 2]);
  return ops.reshape(swapped, shape);
}

/** The inverse of {@link toImages}. */
export function fromImages(
  ops: TensorOps,
  images: string,
  [batch, channels, height, width]: readonly [batch: number, channels: number, height: number, width: number],
): string {
  const swapped = ops.transpose(ops.reshape(images, [batch, channels, height * width]), [1, 0, 2]);
  return ops.reshape(swapped, [channels, batch * height * width]);
}
