/** Families of ops that the page tells apart, in the order of its legend. */
export const OP_FAMILIES = [
  'pointwise',
  'convolution',
  'depthwise',
  'squeeze-excite',
  'dense',
  'pooling',
  'other',
] as const;
export type OpFamily = (typeof OP_FAMILIES)[number];

export const OP_FAMILY_NAMES: Readonly<Record<OpFamily, string>> = {
  pointwise: '1×1 convolution',
  convolution: 'convolution',
  depthwise: 'depthwise convolution',
  'squeeze-excite': 'squeeze-excite',
  dense: 'fully connected',
  pooling: 'pooling',
  other: 'other',
};

/** The family of an op by its key, whose first field is the op's kind. */
export function opFamily(key: string): OpFamily {
  const kind = key.slice(0, key.indexOf(':')).toLowerCase();
  if (kind === 'conv2d') return key.includes(':k1x1:') ? 'pointwise' : 'convolution';
  if (kind.startsWith('depthwise')) return 'depthwise';
  if (kind.startsWith('squeeze')) return 'squeeze-excite';
  if (kind === 'dense') return 'dense';
  if (kind.endsWith('pool')) return 'pooling';
  return 'other';
}
