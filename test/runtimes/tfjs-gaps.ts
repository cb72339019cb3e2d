/** Ops that tfjs does not have, on any of its engines. */
export const TFJS_GAPS = [
  'conv2d:9x9x24>48:k3x3:s1x1:g4:f32',
  'depthwise:9x9x24:k3x3:s2x1:f32',
  'avgPool:9x9x24:k3x3:s1x1:p1.0.0.1:f32',
  'conv2d:9x9x24>40:k1x1:s1x1:i8',
];
