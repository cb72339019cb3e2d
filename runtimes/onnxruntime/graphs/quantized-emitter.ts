import type { Shape } from '../../../core/network/network.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { GraphEmitter, type ValueRange } from './graph-emitter.js';
import type { GraphTensor } from './tensor.js';

/** How a tensor's 8 bits stand for numbers: value = scale × (byte − zero point). */
interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Where random activations lie that nothing bounds. */
const USUAL_RANGE: ValueRange = { low: -4, high: 4 };

const BYTE_STEPS = 255;
const LARGEST_WEIGHT = 127;

/**
 * Static 8-bit quantisation as onnxruntime's own tool writes it: every result passes a QuantizeLinear and a
 * DequantizeLinear node, weights and biases come from constants through a DequantizeLinear, and onnxruntime replaces
 * each layer between such nodes by its 8-bit kernel. Activations are unsigned with a zero point, weights signed with
 * one scale a filter, biases 32 bits wide. A ReLU costs nothing: the range that it leaves begins at zero, so rounding to
 * bytes cuts off what is below. What has no 8-bit kernel (h-swish, h-sigmoid) runs in float32 between the two nodes, and
 * pays for both.
 * @see Jacob et al. 2018, https://arxiv.org/abs/1712.05877
 */
export class QuantizedEmitter extends GraphEmitter {
  /** Costs nothing here, and cannot be folded into what follows. */
  override readonly entryActivation = 'relu';
  private readonly quantizations = new Map<string, Quantization>();
  private settled = 0;

  /** @param ranges of all results in the order in which they are made; absent: usual ones, for graphs that are only timed */
  constructor(
    weights: WeightSource,
    private readonly ranges?: readonly ValueRange[],
  ) {
    super(weights);
  }

  override input(shape: Shape, rank: GraphTensor['rank'] = 'map'): GraphTensor {
    return this.dequantized(this.declare(shape, rank, 'uint8'), quantizationOf(USUAL_RANGE));
  }

  protected override settle(result: GraphTensor, range: ValueRange = USUAL_RANGE): GraphTensor {
    const known = this.ranges === undefined ? range : this.ranges[this.settled++]!;
    return this.requantized(result, quantizationOf(known));
  }

  protected override settleLike(result: GraphTensor, source: GraphTensor): GraphTensor {
    return this.requantized(result, this.quantizations.get(source.name)!);
  }

  protected override clamped(input: GraphTensor): GraphTensor {
    return input;
  }

  protected override parameters(input: GraphTensor, shape: readonly number[]): readonly string[] {
    const kernel = this.weights.kernel(shape);
    const bias = this.weights.bias(shape[0]!);
    const { scale: inputScale } = this.quantizations.get(input.name)!;
    const scales = filterScales(kernel, shape[0]!);
    const rowLength = kernel.length / shape[0]!;
    const bytes = Int8Array.from(kernel, (value, i) =>
      Math.round(value / scales[Math.floor(i / rowLength)]!),
    );
    const biasScales = scales.map((scale) => scale * inputScale);
    const sums = Int32Array.from(bias, (value, i) => Math.round(value / biasScales[i]!));
    return [this.constant(shape, bytes, scales), this.constant([shape[0]!], sums, biasScales)];
  }

  private requantized(result: GraphTensor, quantization: Quantization): GraphTensor {
    const name = this.graph.node('QuantizeLinear', [result.name, ...this.quantizers(quantization)]);
    return this.dequantized({ ...result, name }, quantization);
  }

  private dequantized(tensor: GraphTensor, quantization: Quantization): GraphTensor {
    const name = this.graph.node('DequantizeLinear', [tensor.name, ...this.quantizers(quantization)]);
    this.quantizations.set(name, quantization);
    return { ...tensor, name };
  }

  private quantizers({ scale, zeroPoint }: Quantization): readonly string[] {
    return [
      this.graph.scalar(scale),
      this.graph.initializer([], Uint8Array.of(zeroPoint), `zero-point:${zeroPoint}`),
    ];
  }

  /**
   * A quantised constant, one scale for each first index. Its zero points are written out, though zero is their default:
   * onnxruntime leaves a fully connected layer in float32 without them.
   */
  private constant(shape: readonly number[], data: Int8Array | Int32Array, scales: Float32Array): string {
    const zeros = data instanceof Int8Array ? new Int8Array(scales.length) : new Int32Array(scales.length);
    const parts = [
      this.graph.initializer(shape, data),
      this.vector(scales),
      this.graph.initializer([scales.length], zeros),
    ];
    return this.graph.node('DequantizeLinear', parts, { axis: { int: 0 } });
  }
}

/** Zero must be a byte exactly: padding is zeros. */
function quantizationOf({ low, high }: ValueRange): Quantization {
  const [least, most] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = most === least ? 1 : (most - least) / BYTE_STEPS;
  return { scale, zeroPoint: Math.round(-least / scale) };
}

function filterScales(kernel: Float32Array, filters: number): Float32Array {
  const rowLength = kernel.length / filters;
  return Float32Array.from({ length: filters }, (_, filter) => {
    let largest = 0;
    for (let i = filter * rowLength; i < (filter + 1) * rowLength; i++)
      largest = Math.max(largest, Math.abs(kernel[i]!));
    return largest === 0 ? 1 : largest / LARGEST_WEIGHT;
  });
}
