/** `[batch, channels, height, width]` or `[batch, channels]`. */
export type Dims = readonly number[];

export interface OrtInput {
  readonly name: string;
  readonly dims: Dims;
  /** Default: random numbers. */
  readonly data?: Float32Array;
}

/** A graph to be timed. */
export interface OrtModel {
  /** ONNX protobuf with one output, all float32. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly OrtInput[];
  readonly outputName: string;
  readonly outputDims: Dims;
}
