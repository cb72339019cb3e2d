import { LutraError } from '../../../../core/errors.js';
import type { ActivationKind } from '../../../../core/network/network.js';
import type { ActivationRule } from './activation-rule.js';
import { hsigmoid } from './hsigmoid.js';
import { hswish } from './hswish.js';
import { identity } from './identity.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { sigmoid } from './sigmoid.js';
import { swish } from './swish.js';

const RULES: Readonly<Record<Exclude<ActivationKind, 'softmax'>, ActivationRule>> = {
  relu,
  relu6,
  hswish,
  hsigmoid,
  swish,
  sigmoid,
};

/**
 * @param node id for the message
 * @throws LutraError `unsupported-op` for a softmax, which is trained only as the end of a network, inside the loss
 */
export function activationRule(kind: ActivationKind | null, node: string): ActivationRule {
  if (kind === null) return identity;
  if (kind !== 'softmax') return RULES[kind];
  throw new LutraError('unsupported-op', `node '${node}': softmax is trained only as a network's last node`);
}
