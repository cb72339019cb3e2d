import protobuf from 'protobufjs/minimal.js';

/**
 * The part of the ONNX format that Lutra writes, as protobuf bytes. Field numbers are those of the published schema. No
 * code is generated at run time, so it works in a page whose policy forbids that.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export interface ModelParts {
  readonly nodes: readonly NodeParts[];
  readonly initializers: readonly TensorParts[];
  readonly inputs: readonly ValueParts[];
  readonly outputs: readonly ValueParts[];
  /** Operator set version by domain. */
  readonly opsets: Readonly<Record<string, number>>;
}

export interface NodeParts {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attributes: Attributes;
  readonly domain: string;
}

/** An ONNX attribute with its type made explicit: `{ ints: [3, 3] }`, `{ float: 0.5 }`. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface TensorParts {
  readonly name: string;
  readonly dims: readonly number[];
  /** A value of {@link ELEMENT_TYPE}. */
  readonly elementType: number;
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

export interface ValueParts {
  readonly name: string;
  readonly dims: readonly number[];
  readonly elementType: number;
}

/** Element types that Lutra writes. Values are the format's own enum. */
export const ELEMENT_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

const IR_VERSION = 9;
/** Of `AttributeProto.type`. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;
/** What a field's value looks like on the wire. */
const WIRE = { varint: 0, bytes: 2, fixed32: 5 } as const;

type Writer = protobuf.Writer;

export function encodeModel({ nodes, initializers, inputs, outputs, opsets }: ModelParts): Uint8Array {
  const writer = protobuf.Writer.create();
  field(writer, 1, WIRE.varint).int64(IR_VERSION);
  text(writer, 2, 'lutra');
  message(writer, 7, (graph) => {
    for (const node of nodes) message(graph, 1, (writes) => encodeNode(writes, node));
    text(graph, 2, 'graph');
    for (const tensor of initializers) message(graph, 5, (writes) => encodeTensor(writes, tensor));
    for (const value of inputs) message(graph, 11, (writes) => encodeValue(writes, value));
    for (const value of outputs) message(graph, 12, (writes) => encodeValue(writes, value));
  });
  for (const [domain, version] of Object.entries(opsets)) {
    message(writer, 8, (opset) => {
      text(opset, 1, domain);
      field(opset, 2, WIRE.varint).int64(version);
    });
  }
  return writer.finish();
}

function encodeNode(writer: Writer, node: NodeParts): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, (attribute) => {
      text(attribute, 1, name);
      encodeAttribute(attribute, value);
    });
  }
  text(writer, 7, node.domain);
}

function encodeAttribute(writer: Writer, value: Attribute): void {
  if ('float' in value) field(writer, 2, WIRE.fixed32).float(value.float);
  else if ('int' in value) field(writer, 3, WIRE.varint).int64(value.int);
  else if ('string' in value) text(writer, 4, value.string);
  else if ('floats' in value) packed(writer, 7, value.floats, (list, item) => list.float(item));
  else packed(writer, 8, value.ints, (list, item) => list.int64(item));
  const [kind] = Object.keys(value) as [keyof typeof ATTRIBUTE_TYPE];
  field(writer, 20, WIRE.varint).int32(ATTRIBUTE_TYPE[kind]);
}

function encodeTensor(writer: Writer, { name, dims, elementType, bytes }: TensorParts): void {
  packed(writer, 1, dims, (list, dim) => list.int64(dim));
  field(writer, 2, WIRE.varint).int32(elementType);
  text(writer, 8, name);
  field(writer, 9, WIRE.bytes).bytes(bytes);
}

function encodeValue(writer: Writer, { name, dims, elementType }: ValueParts): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      field(tensor, 1, WIRE.varint).int32(elementType);
      message(tensor, 2, (shape) => {
        for (const dim of dims) message(shape, 1, (dimension) => field(dimension, 1, WIRE.varint).int64(dim));
      });
    }),
  );
}

function field(writer: Writer, number: number, wire: number): Writer {
  return writer.uint32(number * 8 + wire);
}

function text(writer: Writer, number: number, value: string): void {
  field(writer, number, WIRE.bytes).string(value);
}

function message(writer: Writer, number: number, write: (writer: Writer) => void): void {
  field(writer, number, WIRE.bytes).fork();
  write(writer);
  writer.ldelim();
}

function packed(
  writer: Writer,
  number: number,
  items: readonly number[],
  write: (writer: Writer, item: number) => void,
): void {
  message(writer, number, (list) => {
    for (const item of items) write(list, item);
  });
}
