/** `[batch, channels, height, width]` or `[batch, channels]`. */
export type Dims = readonly number[];

export interface OrtInput {
  readonly name: string;
  readonly dims: Dims;
  readonly type: 'float32' | 'uint8';
  /** Default: random numbers. */
  readonly data?: Float32Array;
}

/** A graph to be timed. */
export interface OrtModel {
  /** ONNX protobuf with one output, which is float32. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly OrtInput[];
  readonly outputName: string;
  readonly outputDims: Dims;
}
