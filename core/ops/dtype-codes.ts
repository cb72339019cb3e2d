import type { DType } from './op.js';

/** How op keys spell element types: their last field. */
export const DTYPE_CODES: Readonly<Record<DType, string>> = { float32: 'f32', int8: 'i8' };
