import { NETWORK_LIMITS } from './limits.js';
import type { ActivationKind, LayerNode, Padding, Shape } from './network.js';
import {
  type Place,
  readArray,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readOneOf,
  refused,
  within,
} from './read-field.js';

const OPS = [
  'input',
  'conv2d',
  'batchNorm',
  'activation',
  'add',
  'mul',
  'concat',
  'globalAvgPool',
  'avgPool',
  'maxPool',
  'flatten',
  'dense',
] as const satisfies readonly LayerNode['op'][];

/** The fields of each kind of node besides `id`, `op` and `inputs`. */
const FIELDS: Readonly<Record<LayerNode['op'], readonly string[]>> = {
  input: ['shape'],
  conv2d: ['filters', 'kernel', 'stride', 'padding', 'groups', 'bias'],
  batchNorm: ['epsilon'],
  activation: ['activation'],
  add: [],
  mul: [],
  concat: [],
  globalAvgPool: [],
  avgPool: ['kernel', 'stride', 'padding'],
  maxPool: ['kernel', 'stride', 'padding'],
  flatten: [],
  dense: ['units', 'bias'],
};

export const ACTIVATION_KINDS = [
  'relu',
  'relu6',
  'hswish',
  'hsigmoid',
  'swish',
  'sigmoid',
  'softmax',
] as const satisfies readonly ActivationKind[];

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,127}$/;

/**
 * Reads one node of an untrusted document: fields, types and limits, not how it fits its neighbours.
 * @throws LutraError `invalid-network`
 */
export function parseNode(value: unknown, place: Place): LayerNode {
  const op = readOp(value, place);
  const fields = readObject(value, place, ['id', 'op', 'inputs', ...FIELDS[op]]);
  const id = readId(fields.id, within(place, 'id'));
  const at = (key: string): Place => within(place, key, `node '${id}': ${key}`);
  const inputs = readArray(fields.inputs, at('inputs'), 0, NETWORK_LIMITS.inputs).map((entry, i) =>
    readId(entry, within(at('inputs'), i)),
  );
  const width = (key: string): number => readInteger(fields[key], at(key), 1, NETWORK_LIMITS.channels);
  const window = () => ({
    kernel: readPair(fields.kernel, at('kernel'), NETWORK_LIMITS.kernel),
    stride: readPair(fields.stride, at('stride'), NETWORK_LIMITS.stride),
    padding: readPadding(fields.padding, at('padding')),
  });
  switch (op) {
    case 'input':
      return { id, op, inputs, shape: readShape(fields.shape, at('shape')) };
    case 'conv2d': {
      const [filters, groups] = [width('filters'), width('groups')];
      return { id, op, inputs, filters, ...window(), groups, bias: readBoolean(fields.bias, at('bias')) };
    }
    case 'batchNorm':
      return { id, op, inputs, epsilon: readNumber(fields.epsilon, at('epsilon'), 1e-12, 1) };
    case 'activation':
      return {
        id,
        op,
        inputs,
        activation: readOneOf(fields.activation, at('activation'), ACTIVATION_KINDS),
      };
    case 'avgPool':
    case 'maxPool':
      return { id, op, inputs, ...window() };
    case 'dense':
      return { id, op, inputs, units: width('units'), bias: readBoolean(fields.bias, at('bias')) };
    default:
      return { id, op, inputs };
  }
}

function readOp(value: unknown, place: Place): LayerNode['op'] {
  // Which fields a node may have depends on its op, so the op is looked at before the object is.
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'op')) {
    return readObject(value, place, ['op'], ['id', 'inputs', ...Object.values(FIELDS).flat()]) as never;
  }
  return readOneOf((value as { op: unknown }).op, within(place, 'op'), OPS);
}

function readId(value: unknown, place: Place): string {
  if (typeof value !== 'string' || !ID_PATTERN.test(value)) {
    const expected = 'an id of 1 to 128 letters, digits and _ . / -, starting with a letter or digit';
    throw refused(place, expected, value);
  }
  if (value in Object.prototype) throw refused(place, 'an id that is no key of every object', value);
  return value;
}

function readPair(value: unknown, place: Place, most: number): readonly [number, number] {
  const [height, width] = readArray(value, place, 2, 2);
  return [readInteger(height, within(place, 0), 1, most), readInteger(width, within(place, 1), 1, most)];
}

function readShape(value: unknown, place: Place): Shape {
  const [height, width, channels] = readArray(value, place, 3, 3);
  return [
    readInteger(height, within(place, 0), 1, NETWORK_LIMITS.spatial),
    readInteger(width, within(place, 1), 1, NETWORK_LIMITS.spatial),
    readInteger(channels, within(place, 2), 1, NETWORK_LIMITS.channels),
  ];
}

function readPadding(value: unknown, place: Place): Padding {
  if (value === 'same' || value === 'valid') return value;
  if (!Array.isArray(value)) throw refused(place, "'same', 'valid' or four numbers of pixels", value);
  const sides = readArray(value, place, 4, 4).map((side, i) =>
    readInteger(side, within(place, i), 0, NETWORK_LIMITS.kernel),
  );
  const [top, right, bottom, left] = sides as [number, number, number, number];
  return [top, right, bottom, left];
}
