import type { ActivationKind } from '../../../core/network/network.js';
import type { Tensor4D, Tfjs } from '../tfjs-namespace.js';

/**
 * An activation, element by element; softmax over channels.
 * @param x `[batch, height, width, channels]`
 */
export function activate(tf: Tfjs, kind: ActivationKind, x: Tensor4D): Tensor4D {
  switch (kind) {
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'hsigmoid':
      return hardSigmoid(tf, x);
    case 'hswish':
      return tf.mul(x, hardSigmoid(tf, x));
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'swish':
      return tf.mul(x, tf.sigmoid(x));
    case 'softmax':
      return tf.softmax(x);
  }
}

/** relu6(x + 3) / 6. */
function hardSigmoid(tf: Tfjs, x: Tensor4D): Tensor4D {
  return tf.div(tf.relu6(tf.add(x, 3)), 6);
}
