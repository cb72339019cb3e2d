import { LutraError } from '../errors.js';
import { NETWORK_LIMITS } from '../network/limits.js';
import type { ActivationKind, Padding, Shape } from '../network/network.js';
import { ACTIVATION_KINDS } from '../network/parse-node.js';
import { windowGeometry } from '../network/window-geometry.js';
import { DTYPE_CODES } from './dtype-codes.js';
import type { DType, Op, PoolOp } from './op.js';
import { opOutputShape, opParams } from './op-macs.js';

const LONGEST_KEY = 4_096;
const DTYPES = Object.keys(DTYPE_CODES) as DType[];
const DTYPE_EXPECTED = `an element type, ${Object.values(DTYPE_CODES).join(' or ')}`;

/**
 * Reads a key's fields into an op that could exist. Whether the key is the canonical one is not looked at here.
 * @throws LutraError `invalid-op-key`
 */
export function parseOpKey(key: string): Op {
  if (key.length > LONGEST_KEY) {
    throw new LutraError('invalid-op-key', `op key: expected at most ${LONGEST_KEY} characters`);
  }
  const fields = new KeyFields(key);
  const float = parseKind(fields, fields.next('a kind'));
  const op: Op = { ...float, dtype: fields.dtype() };
  fields.end();
  checkSize(op, fields);
  return op;
}

/** A key may come from anywhere, and a worker will build what it says. */
function checkSize(op: Op, fields: KeyFields): void {
  const outputElements = opOutputShape(op).reduce((product, size) => product * size, 1);
  const { weights, biases } = opParams(op);
  const weightElements = weights + biases;
  const most = NETWORK_LIMITS.tensorElements;
  if (outputElements > most || weightElements > most)
    throw fields.refuse(`tensors of at most ${most} elements`);
}

function parseKind(fields: KeyFields, kind: string): Op {
  const dtype = 'float32';
  switch (kind) {
    case 'conv2d': {
      const [input, filters] = fields.shapeTo();
      const window = fields.window(input);
      const groups = fields.groups(input, filters);
      return { kind, dtype, input, filters, ...window, groups, ...fields.folded() };
    }
    case 'depthwise': {
      const input = fields.shape();
      return { kind, dtype, input, ...fields.window(input), ...fields.folded() };
    }
    case 'squeezeExcite': {
      const [input, squeeze] = fields.shapeTo();
      return { kind, dtype, input, squeeze, activation: fields.activation(), gate: fields.activation() };
    }
    case 'avgPool':
    case 'maxPool': {
      const input = fields.shape();
      return { kind, dtype, input, ...fields.window(input) };
    }
    case 'dense': {
      const [inputs, units] = fields.match(/^(\d+)>(\d+)$/, 'inputs>units') as [number, number];
      fields.within(inputs, NETWORK_LIMITS.tensorElements);
      return {
        kind,
        dtype,
        inputs,
        units: fields.within(units, NETWORK_LIMITS.channels),
        activation: fields.optionalActivation(),
      };
    }
    case 'activation':
      return { kind, dtype, input: fields.shape(), activation: fields.activation() };
    case 'mul':
      return { kind, dtype, input: fields.shape(), spread: fields.flag('spread') };
    case 'concat':
      return { kind, dtype, inputs: fields.joinedShapes() };
    case 'globalAvgPool':
    case 'add':
    case 'flatten':
    case 'batchNorm':
      return { kind, dtype, input: fields.shape() };
    default:
      throw fields.refuse('a known kind of op');
  }
}

type WindowFields = Pick<PoolOp, 'kernel' | 'stride' | 'padding'>;

/** The colon-separated fields of a key, read from left to right. */
class KeyFields {
  private readonly fields: readonly string[];
  private position = 0;

  constructor(private readonly key: string) {
    this.fields = key.split(':');
  }

  next(expected: string): string {
    const field = this.fields[this.position];
    if (field === undefined) throw this.refuse(expected);
    this.position++;
    return field;
  }

  end(): void {
    if (this.position < this.fields.length) throw this.refuse('nothing more');
  }

  refuse(expected: string): LutraError {
    const shown = this.key.length > 200 ? `${this.key.slice(0, 200)}…` : this.key;
    return new LutraError('invalid-op-key', `op key ${JSON.stringify(shown)}: expected ${expected}`, {
      details: { key: shown, field: this.position },
    });
  }

  /** The numbers that a pattern captures in the next field. */
  match(pattern: RegExp, expected: string): readonly number[] {
    const found = pattern.exec(this.next(expected));
    if (found === null) throw this.refuse(expected);
    return found.slice(1).map(Number);
  }

  within(value: number, most: number): number {
    if (value < 1 || value > most) throw this.refuse(`a number from 1 to ${most} instead of ${value}`);
    return value;
  }

  flag(name: string): boolean {
    if (this.fields[this.position] !== name) return false;
    this.position++;
    return true;
  }

  shape(): Shape {
    const [height, width, channels] = this.match(/^(\d+)x(\d+)x(\d+)$/, 'a shape HxWxC');
    return this.checkedShape([height!, width!, channels!]);
  }

  shapeTo(): readonly [input: Shape, channels: number] {
    const found = this.match(/^(\d+)x(\d+)x(\d+)>(\d+)$/, 'HxWxC>channels');
    const [height, width, channels, outputs] = found as [number, number, number, number];
    return [this.checkedShape([height, width, channels]), this.within(outputs, NETWORK_LIMITS.channels)];
  }

  joinedShapes(): readonly Shape[] {
    const found = /^(\d+)x(\d+)x(\d+(?:\+\d+)+)$/.exec(this.next('HxWxC1+C2'));
    if (found === null) throw this.refuse('HxWxC1+C2');
    const channels = found[3]!.split('+').map(Number);
    if (channels.length > NETWORK_LIMITS.inputs) throw this.refuse(`at most ${NETWORK_LIMITS.inputs} inputs`);
    return channels.map((count) => this.checkedShape([Number(found[1]), Number(found[2]), count]));
  }

  window(input: Shape): WindowFields {
    const kernel = this.pair(/^k(\d+)x(\d+)$/, 'a kernel kHxW', NETWORK_LIMITS.kernel);
    const stride = this.pair(/^s(\d+)x(\d+)$/, 'a stride sHxW', NETWORK_LIMITS.stride);
    const padding = this.padding();
    const [height, width] = windowGeometry(input, kernel, stride, padding).output;
    if (height < 1 || width < 1) throw this.refuse('a kernel that fits the padded input');
    return { kernel, stride, padding };
  }

  groups(input: Shape, filters: number): number {
    if (!/^g\d/.test(this.fields[this.position] ?? '')) return 1;
    const [groups] = this.match(/^g(\d+)$/, 'groups gN');
    if (input[2] % groups! !== 0 || filters % groups! !== 0) {
      throw this.refuse('groups that divide input channels and filters');
    }
    return groups!;
  }

  folded(): { readonly residual: boolean; readonly activation: ActivationKind | null } {
    return { residual: this.flag('add'), activation: this.optionalActivation() };
  }

  activation(): ActivationKind {
    const activation = this.optionalActivation();
    if (activation === null) throw this.refuse(`one of ${ACTIVATION_KINDS.join(', ')}`);
    return activation;
  }

  optionalActivation(): ActivationKind | null {
    const activation = ACTIVATION_KINDS.find((kind) => kind === this.fields[this.position]) ?? null;
    if (activation !== null) this.position++;
    return activation;
  }

  dtype(): DType {
    const code = this.next(DTYPE_EXPECTED);
    const found = DTYPES.find((dtype) => DTYPE_CODES[dtype] === code);
    if (found === undefined) throw this.refuse(DTYPE_EXPECTED);
    return found;
  }

  private pair(pattern: RegExp, expected: string, most: number): readonly [number, number] {
    const [height, width] = this.match(pattern, expected);
    return [this.within(height!, most), this.within(width!, most)];
  }

  private padding(): Padding {
    if (this.flag('valid')) return 'valid';
    if (!/^p\d/.test(this.fields[this.position] ?? '')) return 'same';
    const sides = this.match(/^p(\d+)\.(\d+)\.(\d+)\.(\d+)$/, 'padding pT.R.B.L');
    if (sides.some((pixels) => pixels > NETWORK_LIMITS.kernel)) {
      throw this.refuse(`padding of at most ${NETWORK_LIMITS.kernel} pixels`);
    }
    const [top, right, bottom, left] = sides as [number, number, number, number];
    return [top, right, bottom, left];
  }

  private checkedShape(shape: Shape): Shape {
    this.within(shape[0], NETWORK_LIMITS.spatial);
    this.within(shape[1], NETWORK_LIMITS.spatial);
    this.within(shape[0] * shape[1] * shape[2], NETWORK_LIMITS.tensorElements);
    return shape;
  }
}
