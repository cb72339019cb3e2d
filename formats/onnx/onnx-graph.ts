import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** Element types that Lutra writes. Values are the format's own enum. */
const ELEMENT_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT_TYPE;
export type InitializerData = Float32Array | BigInt64Array | Uint8Array | Int8Array | Int32Array;

/** An ONNX attribute with its type made explicit: `{ ints: [3, 3] }`, `{ float: 0.5 }`. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface NodeOptions {
  /** Operator domain; empty = the ONNX standard. */
  readonly domain?: string;
  /** A name that shows up in profiles and messages. */
  readonly name?: string;
  /** Names of the outputs, where others should know them; made up otherwise. */
  readonly outputs?: readonly string[];
}

const modelType = protobuf
  .parse(readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.lookupType('onnx.ModelProto');

/**
 * Builds one ONNX model with static shapes, node by node. Tensor names are made here and returned, so a graph reads
 * like the arithmetic it stands for.
 */
export class OnnxGraph {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private readonly shared = new Map<string, string>();
  private counter = 0;

  /** @param opsets operator set version by domain; `''` is the ONNX standard */
  constructor(private readonly opsets: Readonly<Record<string, number>> = { '': 18, 'com.microsoft': 1 }) {}

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
      input: inputs,
      output,
      name: options.name ?? `${opType}_${this.nodes.length}`,
      op_type: opType,
      attribute: Object.entries(attributes).map(encodeAttribute),
      domain: options.domain ?? '',
    });
    return output;
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
      dims: shape,
      data_type: ELEMENT_TYPE[elementTypeOf(data)],
      name,
      raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
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
    this.inputs.push(valueInfo(name, shape, type));
    return name;
  }

  /** Declares an existing tensor as a graph output, under its own name. */
  output(name: string, shape: readonly number[], type: ElementType = 'float32'): void {
    this.outputs.push(valueInfo(name, shape, type));
  }

  /** The model as protobuf bytes. */
  encode(): Uint8Array {
    const model = {
      ir_version: 9,
      producer_name: 'lutra',
      graph: {
        node: this.nodes,
        name: 'graph',
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
      opset_import: Object.entries(this.opsets).map(([domain, version]) => ({ domain, version })),
    };
    return modelType.encode(model).finish();
  }
}

function elementTypeOf(data: InitializerData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return 'int32';
}

function valueInfo(name: string, shape: readonly number[], type: ElementType): object {
  const dim = shape.map((dim_value) => ({ dim_value }));
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[type], shape: { dim } } } };
}

function encodeAttribute([name, value]: [string, Attribute]): object {
  if ('int' in value) return { name, i: value.int, type: 2 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  if ('string' in value) return { name, s: new TextEncoder().encode(value.string), type: 3 };
  if ('ints' in value) return { name, ints: value.ints, type: 7 };
  return { name, floats: value.floats, type: 6 };
}
