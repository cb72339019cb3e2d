import { LutraError } from '../errors.js';
import { invalidNetwork } from './invalid-network.js';
import type { Conv2dNode, LayerNode, Network, Padding, PoolNode, Shape } from './network.js';
import { topologyOf } from './topology.js';
import { type Extent, windowGeometry } from './window-geometry.js';

export { sameGeometry, windowGeometry } from './window-geometry.js';

const known = new WeakMap<Network, readonly Shape[]>();
const knownById = new WeakMap<Network, ReadonlyMap<string, Shape>>();

/**
 * Shapes of all node outputs, by node id. Remembered for each network object, so asking again is free.
 * @param pointer where the network stands in what the caller parses
 * @throws LutraError `invalid-network` with a pointer `/nodes/<i>/…` when an input is missing or comes later, or when
 * shapes do not fit
 */
export function inferShapes(network: Network, pointer = ''): ReadonlyMap<string, Shape> {
  const remembered = knownById.get(network);
  if (remembered !== undefined) return remembered;
  const shapes = shapesByPosition(network, pointer);
  const byId = new Map(network.nodes.map((node, position) => [node.id, shapes[position]!]));
  knownById.set(network, byId);
  return byId;
}

/**
 * The same, in the order of the nodes: for code that walks many networks.
 * @throws LutraError `invalid-network`
 */
export function shapesByPosition(network: Network, pointer = ''): readonly Shape[] {
  const remembered = known.get(network);
  if (remembered !== undefined) return remembered;
  const { inputs } = topologyOf(network, pointer);
  const shapes: Shape[] = [];
  let position = 0;
  try {
    for (; position < network.nodes.length; position++) {
      const sources = inputs[position]!.map((source) => shapes[source]!);
      shapes.push(outputShapeOf(network.nodes[position]!, sources));
    }
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    throw invalidNetwork(error.message, `${pointer}/nodes/${position}${error.pointer ?? ''}`);
  }
  known.set(network, shapes);
  return shapes;
}

/**
 * Shape `[height, width, channels]` of one node's output.
 * @param inputs shapes of the node's inputs, in the node's order
 * @throws LutraError `invalid-network` with a pointer relative to the node, e.g. `/groups`
 */
export function outputShapeOf(node: LayerNode, inputs: readonly Shape[]): Shape {
  checkInputCount(node, inputs.length);
  const [first, second] = inputs as readonly [Shape, Shape];
  switch (node.op) {
    case 'input':
      return node.shape;
    case 'conv2d':
      return convShape(node, first);
    case 'avgPool':
    case 'maxPool':
      return [...slide(node, first), first[2]];
    case 'batchNorm':
    case 'activation':
      return first;
    case 'add':
      return addShape(node, first, second);
    case 'mul':
      return mulShape(node, first, second);
    case 'concat':
      return concatShape(node, inputs);
    case 'globalAvgPool':
      return [1, 1, first[2]];
    case 'flatten':
      return [1, 1, first[0] * first[1] * first[2]];
    case 'dense':
      if (first[0] !== 1 || first[1] !== 1) {
        throw invalidNetwork(
          `node '${node.id}': expected an input of 1x1xC, got ${text(first)}`,
          '/inputs/0',
        );
      }
      return [1, 1, node.units];
  }
}

/**
 * Output `[height, width]` of a window that slides over a map.
 * @param size `[height, width]` of the input
 * @param kernel `[height, width]` of the window
 * @param stride `[vertical, horizontal]`
 */
export function convOutput(
  size: Extent,
  kernel: Extent,
  stride: Extent,
  padding: Padding,
): readonly [height: number, width: number] {
  return windowGeometry(size, kernel, stride, padding).output;
}

function checkInputCount(node: LayerNode, count: number): void {
  const least =
    node.op === 'input' ? 0 : node.op === 'add' || node.op === 'mul' || node.op === 'concat' ? 2 : 1;
  if (count === least || (node.op === 'concat' && count > least)) return;
  const expected = node.op === 'concat' ? 'at least 2 inputs' : `${least} input${least === 1 ? '' : 's'}`;
  throw invalidNetwork(`node '${node.id}': ${node.op} takes ${expected}, got ${count}`, '/inputs');
}

function convShape(node: Conv2dNode, input: Shape): Shape {
  const channels = input[2];
  if (channels % node.groups !== 0 || node.filters % node.groups !== 0) {
    throw invalidNetwork(
      `node '${node.id}': expected groups that divide ${channels} input channels and ${node.filters} filters, ` +
        `got ${node.groups}`,
      '/groups',
    );
  }
  return [...slide(node, input), node.filters];
}

function slide(node: Conv2dNode | PoolNode, input: Shape): readonly [height: number, width: number] {
  const output = convOutput(input, node.kernel, node.stride, node.padding);
  if (output[0] < 1 || output[1] < 1) {
    throw invalidNetwork(
      `node '${node.id}': expected a kernel that fits the padded input ${text(input)}, ` +
        `got ${node.kernel.join('x')}`,
      '/kernel',
    );
  }
  return output;
}

function addShape(node: LayerNode, first: Shape, second: Shape): Shape {
  if (first[0] !== second[0] || first[1] !== second[1] || first[2] !== second[2]) {
    throw invalidNetwork(
      `node '${node.id}': expected equal shapes, got ${text(first)} and ${text(second)}`,
      '/inputs/1',
    );
  }
  return first;
}

function mulShape(node: LayerNode, first: Shape, second: Shape): Shape {
  const [wide, narrow] = first[0] * first[1] >= second[0] * second[1] ? [first, second] : [second, first];
  const samePlane = wide[0] === narrow[0] && wide[1] === narrow[1];
  const spread = narrow[0] === 1 && narrow[1] === 1;
  if (wide[2] !== narrow[2] || !(samePlane || spread)) {
    throw invalidNetwork(
      `node '${node.id}': expected equal shapes, or one of 1x1xC with the other's channels, ` +
        `got ${text(first)} and ${text(second)}`,
      '/inputs/1',
    );
  }
  return wide;
}

function concatShape(node: LayerNode, inputs: readonly Shape[]): Shape {
  const [height, width] = inputs[0]!;
  let channels = 0;
  inputs.forEach((shape, index) => {
    if (shape[0] !== height || shape[1] !== width) {
      throw invalidNetwork(
        `node '${node.id}': expected height and width ${height}x${width}, got ${text(shape)}`,
        `/inputs/${index}`,
      );
    }
    channels += shape[2];
  });
  return [height, width, channels];
}

function text(shape: Shape): string {
  return shape.join('x');
}
