/** What a network document may ask for: enough for every published mobile network, too little to exhaust a device. */
export const NETWORK_LIMITS = {
  nodes: 2_000,
  /** Inputs of one node (a concatenation). */
  inputs: 256,
  /** Channels of the input, filters of a convolution, units of a dense layer, channels of a concatenation. */
  channels: 16_384,
  /** Rows or columns of a feature map. */
  spatial: 4_096,
  /** Rows or columns of a kernel, and pixels of padding on one side. */
  kernel: 256,
  stride: 256,
  /** Elements of one feature map, or of one weight tensor. */
  tensorElements: 2 ** 27,
  /** Elements of all weights together: 1 GiB of float32. */
  params: 2 ** 28,
  /** Multiply-accumulates of one inference. */
  macs: 2 ** 44,
  nameLength: 256,
} as const;
