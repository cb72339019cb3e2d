/**
 * What both the native package and the plain one export. Code over it runs on either; only
 * {@link ./load-native-tfjs.ts} imports one.
 */
export type Tfjs = typeof import('@tensorflow/tfjs');

export type { Tensor, Tensor4D, Variable } from '@tensorflow/tfjs';
