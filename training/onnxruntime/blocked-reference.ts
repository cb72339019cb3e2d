import type { DepthwiseShape } from './graph/depthwise/depthwise-shape.js';

/**
 * The three products of a depthwise convolution in plain loops: slow, and beyond doubt.
 * @param x `[channels, batch · height · width]`
 * @param w `[channels, taps]`
 * @param dz `[channels, batch · outputHeight · outputWidth]`
 */
export function plainDepthwise(
  shape: DepthwiseShape,
  x: Float32Array,
  w: Float32Array,
  dz: Float32Array,
): {
  readonly forward: Float32Array;
  readonly inputGradient: Float32Array;
  readonly kernelGradient: Float32Array;
} {
  const { batch, channels, kernel, pads } = shape;
  const [height, width] = shape.input;
  const [outputHeight, outputWidth] = shape.output;
  const forward = new Float32Array(dz.length);
  const inputGradient = new Float32Array(x.length);
  const kernelGradient = new Float32Array(w.length);
  for (let map = 0; map < channels * batch; map++) {
    const channel = Math.floor(map / batch);
    for (let pixel = 0; pixel < outputHeight * outputWidth; pixel++) {
      const out = map * outputHeight * outputWidth + pixel;
      for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
        const row = Math.floor(pixel / outputWidth) * shape.stride[0] + Math.floor(tap / kernel[1]) - pads[0];
        const column = (pixel % outputWidth) * shape.stride[1] + (tap % kernel[1]) - pads[3];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const into = (map * height + row) * width + column;
        const weight = channel * kernel[0] * kernel[1] + tap;
        forward[out]! += x[into]! * w[weight]!;
        inputGradient[into]! += dz[out]! * w[weight]!;
        kernelGradient[weight]! += dz[out]! * x[into]!;
      }
    }
  }
  return { forward, inputGradient, kernelGradient };
}
