import type { StepOptions } from '../trainer.js';
import type { Tensor, Tfjs, Variable } from './tfjs-namespace.js';

export interface MomentumOptimizer {
  /** One step; `StepOptions` has the equation. */
  apply(gradients: ReadonlyMap<string, Tensor>, options: StepOptions): void;
  dispose(): void;
}

/**
 * SGD with momentum over variables. tfjs's own optimizer knows no weight decay and fixes its momentum.
 * @param variables by weight name; those that end in `/kernel` decay
 */
export function createMomentumOptimizer(
  tf: Tfjs,
  variables: ReadonlyMap<string, Variable>,
): MomentumOptimizer {
  const velocities = new Map(
    [...variables].map(([name, variable]) => [
      name,
      tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
    ]),
  );
  return {
    apply(gradients, { learningRate, momentum = 0.9, weightDecay = 0 }) {
      for (const [name, variable] of variables) {
        const velocity = velocities.get(name)!;
        const gradient = gradients.get(name)!;
        tf.tidy(() => {
          const decays = weightDecay > 0 && name.endsWith('/kernel');
          const pull = decays ? tf.add(gradient, tf.mul(variable, weightDecay)) : gradient;
          velocity.assign(tf.add(tf.mul(velocity, momentum), pull));
          variable.assign(tf.sub(variable, tf.mul(velocity, learningRate)));
        });
      }
    },
    dispose() {
      for (const velocity of velocities.values()) velocity.dispose();
    },
  };
}
