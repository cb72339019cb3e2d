import type { Shape } from '../../core/network/network.js';

/** Row-major `[height, width, channels]` → `[channels, height, width]`. */
export function channelsFirst(data: Float32Array, [height, width, channels]: Shape): Float32Array {
  const positions = height * width;
  const turned = new Float32Array(data.length);
  for (let i = 0; i < positions; i++)
    for (let c = 0; c < channels; c++) turned[c * positions + i] = data[i * channels + c]!;
  return turned;
}

/** The reverse of {@link channelsFirst}. */
export function channelsLast(data: Float32Array, [height, width, channels]: Shape): Float32Array {
  return channelsFirst(data, [channels, 1, height * width]);
}
