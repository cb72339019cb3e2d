import { isDepthwise } from '../../core/network/is-depthwise.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { WeightTensor } from '../../core/network/weights.js';

/** An order of axes: axis i of the result is axis `axes[i]` of the source. */
export type AxisOrder = readonly number[];

/** `[filters, in, kh, kw]` → `[kh, kw, in, filters]`. */
const CONVOLUTION: AxisOrder = [2, 3, 1, 0];
/** `[channels, 1, kh, kw]` → `[kh, kw, channels, 1]`. */
const DEPTHWISE: AxisOrder = [2, 3, 0, 1];
/** `[units, in]` → `[in, units]`. */
const DENSE: AxisOrder = [1, 0];

/**
 * How tfjs orders the axes of each kernel of a network, by weight name; weights that are not named keep theirs.
 */
export function tfjsAxisOrders(network: Network): ReadonlyMap<string, AxisOrder> {
  const shapes = inferShapes(network);
  const orders = new Map<string, AxisOrder>();
  for (const node of network.nodes) {
    if (node.op === 'dense') orders.set(`${node.id}/kernel`, DENSE);
    if (node.op !== 'conv2d') continue;
    const depthwise = isDepthwise(node, shapes.get(node.inputs[0]!)![2]);
    orders.set(`${node.id}/kernel`, depthwise ? DEPTHWISE : CONVOLUTION);
  }
  return orders;
}

/** A copy of a tensor with its axes in another order. */
export function permuteAxes(tensor: WeightTensor, order: AxisOrder): WeightTensor {
  const shape = order.map((axis) => tensor.shape[axis]!);
  const strides = order.map((axis) =>
    tensor.shape.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const data = new Float32Array(tensor.data.length);
  const index = new Array<number>(order.length).fill(0);
  let source = 0;
  for (let i = 0; i < data.length; i++) {
    data[i] = tensor.data[source]!;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** The order that undoes another one. */
export function inverseOrder(order: AxisOrder): AxisOrder {
  return order.map((_, axis) => order.indexOf(axis));
}
