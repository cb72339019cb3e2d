/**
 * Copies images from `[batch, pixels, channels]` to `[channels, batch, pixels]`.
 * @param target of the same length
 */
export function copyChannelMajor(images: Float32Array, target: Float32Array, channels: number): void {
  copyAxes(images, target, images.length / channels, channels);
}

/**
 * Copies images from `[batch, pixels, channels]` to `[batch, channels, pixels]`.
 * @param target of the same length
 */
export function copyChannelsFirst(
  images: Float32Array,
  target: Float32Array,
  batch: number,
  channels: number,
): void {
  const length = images.length / batch;
  for (let start = 0; start < images.length; start += length) {
    const end = start + length;
    copyAxes(images.subarray(start, end), target.subarray(start, end), length / channels, channels);
  }
}

/** `[pixels, channels]` → `[channels, pixels]`. */
function copyAxes(source: Float32Array, target: Float32Array, pixels: number, channels: number): void {
  if (channels === 1) {
    target.set(source);
    return;
  }
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let pixel = 0, from = channel; pixel < pixels; pixel++, from += channels) {
      target[to++] = source[from]!;
    }
  }
}
