import { LutraError } from '../errors.js';
import type { ActivationKind, Conv2dNode, DenseNode } from '../network/network.js';
import { canonicalOp } from './canonical-op.js';
import { matchSqueezeExcite } from './match-squeeze-excite.js';
import type { NetworkView } from './network-view.js';
import type { Op } from './op.js';

/** An op and the positions of its nodes, rising. */
export interface Match {
  readonly op: Op;
  readonly members: readonly number[];
}

/** The largest op that begins at a node. */
export function matchOp(view: NetworkView, position: number): Match {
  const node = view.node(position);
  switch (node.op) {
    case 'conv2d':
      return matchConv(view, position, node);
    case 'dense':
      return matchDense(view, position, node);
    case 'globalAvgPool':
      return matchSqueezeExcite(view, position) ?? matchAlone(view, position);
    default:
      return matchAlone(view, position);
  }
}

function matchConv(view: NetworkView, position: number, node: Conv2dNode): Match {
  const chain = new Chain(view, position);
  chain.takeBatchNorm();
  const activated = chain.takeActivation();
  const residual = activated === null && chain.takeResidual();
  const activation = residual ? chain.takeActivation() : activated;
  const { filters, kernel, stride, padding, groups } = node;
  const input = view.inputShape(position);
  const op: Op = {
    kind: 'conv2d',
    dtype: view.dtype,
    input,
    filters,
    kernel,
    stride,
    padding,
    groups,
    residual,
    activation,
  };
  return { op: canonicalOp(op), members: chain.members };
}

function matchDense(view: NetworkView, position: number, node: DenseNode): Match {
  const chain = new Chain(view, position);
  chain.takeBatchNorm();
  const activation = chain.takeActivation();
  const inputs = view.inputShape(position)[2];
  return {
    op: { kind: 'dense', dtype: view.dtype, inputs, units: node.units, activation },
    members: chain.members,
  };
}

function matchAlone(view: NetworkView, position: number): Match {
  return { op: canonicalOp(opOfNode(view, position)), members: [position] };
}

function opOfNode(view: NetworkView, position: number): Op {
  const node = view.node(position);
  const { dtype } = view;
  const input = view.inputShape(position);
  switch (node.op) {
    case 'avgPool':
    case 'maxPool': {
      const { kernel, stride, padding } = node;
      return { kind: node.op, dtype, input, kernel, stride, padding };
    }
    case 'activation':
      return { kind: 'activation', dtype, input, activation: node.activation };
    case 'mul': {
      const [a, b] = view.inputs(position).map((source) => view.shape(source)) as [
        typeof input,
        typeof input,
      ];
      const spread = a[0] !== b[0] || a[1] !== b[1];
      return { kind: 'mul', dtype, input: view.shape(position), spread };
    }
    case 'concat':
      return { kind: 'concat', dtype, inputs: view.inputs(position).map((source) => view.shape(source)) };
    case 'add':
    case 'batchNorm':
    case 'flatten':
    case 'globalAvgPool':
      return { kind: node.op, dtype, input };
    default:
      throw new LutraError('internal', `node '${node.id}' is no op by itself`);
  }
}

/** A layer and the nodes that follow it one by one, each the only reader of the one before. */
class Chain {
  readonly members: number[];
  private last: number;

  constructor(
    private readonly view: NetworkView,
    private readonly first: number,
  ) {
    this.members = [first];
    this.last = first;
  }

  takeBatchNorm(): void {
    const norm = this.view.soleReader(this.last, 'batchNorm');
    if (norm !== undefined) this.extend(norm.position);
  }

  /** Softmax looks at all channels, so no runtime folds it in. */
  takeActivation(): ActivationKind | null {
    const found = this.view.soleReader(this.last, 'activation');
    if (found === undefined || found.node.activation === 'softmax') return null;
    this.extend(found.position);
    return found.node.activation;
  }

  /** Takes an add whose other operand exists before the layer runs. */
  takeResidual(): boolean {
    const sum = this.view.soleReader(this.last, 'add');
    if (sum === undefined) return false;
    const other = this.view.inputs(sum.position).find((source) => source !== this.last)!;
    if (other >= this.first) return false;
    this.extend(sum.position);
    return true;
  }

  private extend(position: number): void {
    this.members.push(position);
    this.last = position;
  }
}
