import fc from 'fast-check';
import type { ActivationKind, LayerNode, Network, Padding, Shape } from '../../core/network/network.js';
import { outputShapeOf } from '../../core/network/shapes.js';

const STEP_KINDS = [
  'conv',
  'grouped',
  'depthwise',
  'batchNorm',
  'activation',
  'residual',
  'twoBranches',
  'squeezeExcite',
  'concat',
  'pool',
  'product',
] as const;

const RECTIFIERS = ['relu', 'relu6', 'hswish', 'swish'] as const;
const TAILS = ['none', 'pool', 'flatten', 'hidden', 'softmax'] as const;

/** One random block; what does not fit the shape at hand is made to fit or left out. */
interface Step {
  readonly kind: (typeof STEP_KINDS)[number];
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid' | 'explicit';
  readonly bias: boolean;
  readonly normalized: boolean;
  readonly activation: ActivationKind | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEP_KINDS),
  filters: fc.integer({ min: 1, max: 12 }),
  kernel: fc.constantFrom(1, 3, 5),
  stride: fc.constantFrom(1, 2),
  padding: fc.constantFrom('same', 'valid', 'explicit'),
  bias: fc.boolean(),
  normalized: fc.boolean(),
  activation: fc.constantFrom(null, ...RECTIFIERS),
});

/**
 * Random valid networks of all node kinds: small maps (up to 9×9), up to 8 blocks, any of five endings. Softmax occurs
 * only as the last node.
 */
export function arbitraryNetwork(): fc.Arbitrary<Network> {
  const side = fc.integer({ min: 1, max: 9 });
  return fc
    .record({
      input: fc.tuple(side, side, fc.integer({ min: 1, max: 6 })),
      steps: fc.array(step, { minLength: 1, maxLength: 8 }),
      tail: fc.constantFrom(...TAILS),
      classes: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ input, steps, tail, classes }) => {
      const draft = new Draft(input);
      for (const each of steps) draft.apply(each);
      draft.finish(tail, classes);
      return { name: 'random', nodes: draft.nodes };
    });
}

type WithoutId<T> = T extends LayerNode ? Omit<T, 'id'> : never;

class Draft {
  readonly nodes: LayerNode[] = [];
  private readonly shapes = new Map<string, Shape>();
  private head: string;

  constructor(shape: Shape) {
    this.head = this.push({ op: 'input', inputs: [], shape });
  }

  apply(step: Step): void {
    const before = this.head;
    switch (step.kind) {
      case 'conv':
        this.head = this.conv(before, step, step.filters, 1);
        break;
      case 'grouped':
        if (this.channels(before) % 2 === 0) this.head = this.conv(before, step, step.filters * 2, 2);
        break;
      case 'depthwise':
        this.head = this.conv(before, step, this.channels(before), this.channels(before));
        break;
      case 'batchNorm':
        this.head = this.push({ op: 'batchNorm', inputs: [before], epsilon: 1e-3 });
        break;
      case 'activation':
        this.head = this.activate(before, step.activation);
        break;
      case 'residual': {
        const shapeKeeping: Step = { ...step, stride: 1, padding: 'same' };
        const branch = this.conv(before, { ...shapeKeeping, activation: null }, this.channels(before), 1);
        const inputs = step.bias ? [branch, before] : [before, branch];
        this.head = this.activate(this.push({ op: 'add', inputs }), step.activation);
        break;
      }
      case 'twoBranches': {
        const inputs = [this.conv(before, step, step.filters, 1), this.conv(before, step, step.filters, 1)];
        this.head = this.push({ op: 'add', inputs });
        break;
      }
      case 'squeezeExcite':
        this.head = this.squeezeExcite(before, step);
        break;
      case 'concat': {
        const branch = this.conv(before, { ...step, stride: 1, padding: 'same' }, step.filters, 1);
        this.head = this.push({
          op: 'concat',
          inputs: step.bias ? [before, branch, before] : [branch, before],
        });
        break;
      }
      case 'pool': {
        const op = step.bias ? 'avgPool' : 'maxPool';
        this.head = this.push({ op, inputs: [before], kernel: [2, 2], stride: [2, 2], padding: 'same' });
        break;
      }
      case 'product': {
        const branch = this.conv(before, { ...step, stride: 1, padding: 'same' }, this.channels(before), 1);
        this.head = this.push({ op: 'mul', inputs: [branch, before] });
        break;
      }
    }
  }

  finish(tail: (typeof TAILS)[number], classes: number): void {
    if (tail === 'none') {
      if (this.nodes.length === 1) this.head = this.activate(this.head, 'relu');
      return;
    }
    const op = tail === 'flatten' ? 'flatten' : 'globalAvgPool';
    this.head = this.push({ op, inputs: [this.head] });
    if (tail === 'hidden') {
      this.head = this.push({ op: 'dense', inputs: [this.head], units: classes + 3, bias: true });
      this.head = this.activate(this.head, 'hswish');
    }
    this.head = this.push({ op: 'dense', inputs: [this.head], units: classes, bias: tail !== 'flatten' });
    if (tail === 'softmax') this.head = this.activate(this.head, 'softmax');
  }

  private conv(input: string, step: Step, filters: number, groups: number): string {
    const [height, width] = this.shapes.get(input)!;
    const { kernel, stride, bias } = step;
    const fits = height >= kernel && width >= kernel;
    const margin = Math.floor(kernel / 2);
    const explicit: Padding = [margin, margin, margin, 0];
    const padding = step.padding === 'explicit' && width >= kernel ? explicit : 'same';
    const conv = this.push({
      op: 'conv2d',
      inputs: [input],
      filters,
      kernel: [kernel, kernel],
      stride: [stride, stride],
      padding: step.padding === 'valid' && fits ? 'valid' : padding,
      groups,
      bias,
    });
    const last = step.normalized ? this.push({ op: 'batchNorm', inputs: [conv], epsilon: 1e-3 }) : conv;
    return this.activate(last, step.activation);
  }

  private squeezeExcite(input: string, step: Step): string {
    const pointwise = { ...step, kernel: 1, stride: 1, padding: 'same', normalized: false } as const;
    const pooled = this.push({ op: 'globalAvgPool', inputs: [input] });
    const squeezed = this.conv(pooled, pointwise, step.filters, 1);
    const excited = this.conv(squeezed, { ...pointwise, activation: 'hsigmoid' }, this.channels(input), 1);
    return this.push({ op: 'mul', inputs: step.normalized ? [input, excited] : [excited, input] });
  }

  private activate(input: string, activation: ActivationKind | null): string {
    return activation === null ? input : this.push({ op: 'activation', inputs: [input], activation });
  }

  private channels(id: string): number {
    return this.shapes.get(id)![2];
  }

  private push(node: WithoutId<LayerNode>): string {
    const id = `n${this.nodes.length}`;
    const complete = { id, ...node } as LayerNode;
    const inputs = node.inputs.map((input) => this.shapes.get(input)!);
    this.shapes.set(id, outputShapeOf(complete, inputs));
    this.nodes.push(complete);
    return id;
  }
}
