import {
  type Attributes,
  ELEMENT_TYPE,
  encodeModel,
  type NodeParts,
  type TensorParts,
  type ValueParts,
} from './encode-model.js';

export type { Attribute, Attributes } from './encode-model.js';

export type ElementType = keyof typeof ELEMENT_TYPE;
export type InitializerData = Float32Array | BigInt64Array | Uint8Array | Int8Array | Int32Array;

export interface NodeOptions {
  /** Operator domain; empty = the ONNX standard. */
  readonly domain?: string;
  /** A name that shows up in profiles and messages; with a number after it where another node has it. */
  readonly name?: string;
  /** Names of the outputs, where others should know them; made up otherwise. */
  readonly outputs?: readonly string[];
}

/**
 * Builds one ONNX model with static shapes, node by node. Tensor names are made here and returned, so a graph reads
 * like the arithmetic it stands for.
 */
export class OnnxGraph {
  readonly nodes: NodeParts[] = [];
  readonly initializers: TensorParts[] = [];
  readonly inputs: ValueParts[] = [];
  readonly outputs: ValueParts[] = [];
  private readonly shared = new Map<string, string>();
  private readonly named = new Set<string>();
  private counter = 0;

  /** @param opsets operator set version by domain; `''` is the ONNX standard */
  constructor(readonly opsets: Readonly<Record<string, number>> = { '': 18, 'com.microsoft': 1 }) {}

  get nodeCount(): number {
    return this.nodes.length;
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): string {
    return this.nodeWithOutputs(opType, inputs, 1, attributes, options)[0]!;
  }

  /** Adds a node with several outputs and returns their names in order. */
  nodeWithOutputs(
    opType: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): string[] {
    const output = Array.from(
      { length: outputCount },
      (_, i) => options.outputs?.[i] ?? `t${this.counter++}`,
    );
    this.nodes.push({
      inputs,
      outputs: output,
      name: this.unique(options.name ?? `${opType}_${this.nodes.length}`),
      opType,
      attributes,
      domain: options.domain ?? '',
    });
    return output;
  }

  /** Two nodes of one name make a model invalid, whoever chose it. */
  private unique(name: string): string {
    let free = name;
    for (let copy = 2; this.named.has(free); copy++) free = `${name}:${copy}`;
    this.named.add(free);
    return free;
  }

  /**
   * Adds a constant tensor.
   * @param shape dimensions, row-major; `[]` is a scalar
   * @param sharedKey when given, a second call with the same key returns the first tensor
   */
  initializer(shape: readonly number[], data: InitializerData, sharedKey?: string): string {
    const known = sharedKey === undefined ? undefined : this.shared.get(sharedKey);
    if (known !== undefined) return known;
    const name = `c${this.counter++}`;
    this.initializers.push({
      name,
      dims: shape,
      elementType: ELEMENT_TYPE[elementTypeOf(data)],
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
    if (sharedKey !== undefined) this.shared.set(sharedKey, name);
    return name;
  }

  /** A shared int64 vector: axes, shapes, slice bounds. */
  ints(values: readonly number[]): string {
    return this.initializer([values.length], BigInt64Array.from(values, BigInt), `ints:${values.join(',')}`);
  }

  /** A shared float32 scalar. */
  scalar(value: number): string {
    return this.initializer([], Float32Array.of(value), `scalar:${value}`);
  }

  input(name: string, shape: readonly number[], type: ElementType = 'float32'): string {
    this.inputs.push({ name, dims: shape, elementType: ELEMENT_TYPE[type] });
    return name;
  }

  /** Declares an existing tensor as a graph output, under its own name. */
  output(name: string, shape: readonly number[], type: ElementType = 'float32'): void {
    this.outputs.push({ name, dims: shape, elementType: ELEMENT_TYPE[type] });
  }

  /** The model as protobuf bytes. */
  encode(): Uint8Array {
    return encodeModel(this);
  }
}

function elementTypeOf(data: InitializerData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return 'int32';
}
