import type { Attributes, OnnxGraph } from '../../../formats/onnx/onnx-graph.js';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor on the product. */
  readonly factor?: number;
}

/** Operators of ONNX (and of onnxruntime's own domain) under the names of the arithmetic they do. */
export class TensorOps {
  /** Prefix of the names of coming nodes: shows in profiles and messages. */
  scope = '';
  /** By reshaped tensor: the tensor that it was made of. */
  private readonly originals = new Map<string, string>();
  /** By original and shape: its tensor of that shape. */
  private readonly views = new Map<string, string>();

  constructor(readonly graph: OnnxGraph) {}

  node(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.graph.node(opType, inputs, attributes, { domain, name: this.nameOf(opType) });
  }

  outputsOf(opType: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    return this.graph.nodeWithOutputs(opType, inputs, count, attributes, { name: this.nameOf(opType) });
  }

  private nameOf(opType: string): string {
    return `${this.scope}/${opType}_${this.graph.nodeCount}`;
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.node('Sub', [a, b]);
  }

  div(a: string, b: string): string {
    return this.node('Div', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }

  /** `factor · x`; `x` itself when the factor is 1. */
  scaled(x: string, factor: number): string {
    return factor === 1 ? x : this.mul(x, this.graph.scalar(factor));
  }

  /** `clamp(slope·x + offset, 0, 1)` in one pass: also every mask that follows from a comparison. */
  clamped(x: string, slope: number, offset: number): string {
    return this.node('HardSigmoid', [x], { alpha: { float: slope }, beta: { float: offset } });
  }

  /** `√(variance + epsilon)`. */
  deviation(variance: string, epsilon: number): string {
    return this.node('Sqrt', [this.add(variance, this.graph.scalar(epsilon))]);
  }

  matMul(a: string, b: string, options: MatMulOptions = {}): string {
    const { transposeA = false, transposeB = false, factor = 1 } = options;
    if (!transposeA && !transposeB && factor === 1) return this.node('MatMul', [a, b]);
    const attributes = {
      transA: { int: Number(transposeA) },
      transB: { int: Number(transposeB) },
      alpha: { float: factor },
    };
    return this.node('FusedMatMul', [a, b], attributes, 'com.microsoft');
  }

  /** `C + factor·A·B`, or with B transposed; `C` spreads over the product. */
  gemm(a: string, b: string, c: string, options: { transposeB?: boolean; factor?: number } = {}): string {
    const { transposeB = false, factor = 1 } = options;
    return this.node('Gemm', [a, b, c], {
      transB: { int: Number(transposeB) },
      alpha: { float: factor },
    });
  }

  /** A node, but no copy; the view of a view is one of the original, and made once for all who ask. */
  reshape(x: string, shape: readonly number[]): string {
    const original = this.originals.get(x) ?? x;
    const key = `${original}:${shape}`;
    const known = this.views.get(key);
    if (known !== undefined) return known;
    const view = this.node('Reshape', [original, this.graph.ints(shape)]);
    this.originals.set(view, original);
    this.views.set(key, view);
    return view;
  }

  /**
   * `x`, no sooner than `other` of the same shape is there too. The runtime runs a node when its first reader needs it:
   * what only the backward part reads would be made late, and all that it is made of kept until then.
   */
  after(x: string, other: string): string {
    return this.node('Reshape', [x, this.node('Shape', [other])]);
  }

  transpose(x: string, permutation: readonly number[]): string {
    return this.node('Transpose', [x], { perm: { ints: permutation } });
  }

  concat(parts: readonly string[], axis: number): string {
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: { int: axis } });
  }

  slice(x: string, axis: number, start: number, end: number): string {
    const { graph } = this;
    return this.node('Slice', [x, graph.ints([start]), graph.ints([end]), graph.ints([axis])]);
  }

  sum(x: string, axes: readonly number[], keepAxes = false): string {
    return this.node('ReduceSum', [x, this.graph.ints(axes)], { keepdims: { int: Number(keepAxes) } });
  }

  /** A shared constant of one value. */
  filled(shape: readonly number[], value: number): string {
    const length = shape.reduce((product, size) => product * size, 1);
    return this.graph.initializer(shape, new Float32Array(length).fill(value), `filled:${value}:${shape}`);
  }

  /**
   * `scale[r]·x[r] + shift[r]` for every row r, in one pass: batch norm's inference form with mean 0 and variance 1.
   * @param x `[rows, length]`
   * @param scale `[rows]`
   * @param shift `[rows]`
   */
  affineRows(x: string, rows: number, length: number, scale: string, shift: string): string {
    const inputs = [
      this.reshape(x, [1, rows, length]),
      scale,
      shift,
      this.filled([rows], 0),
      this.filled([rows], 1),
    ];
    const y = this.node('BatchNormalization', inputs, { epsilon: { float: 0 } });
    return this.reshape(y, [rows, length]);
  }
}
