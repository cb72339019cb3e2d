import { describe, expect, it } from 'vitest';
import { cutWeights } from '../../core/netadapt/cut-weights.js';
import { expectedActivations } from '../../core/netadapt/expected-activations.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { ActivationKind, Network } from '../../core/network/network.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { randomBatch, unevenWeights } from '../training/training-samples.js';

/** Batch norm, squeeze-excite and two fully connected layers: every reader that a removed channel may have. */
function networkWith(activation: ActivationKind): Network {
  return {
    name: 'readers',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape: [8, 8, 2] },
      {
        id: 'conv',
        op: 'conv2d',
        inputs: ['input'],
        filters: 6,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        groups: 1,
        bias: false,
      },
      { id: 'bn', op: 'batchNorm', inputs: ['conv'], epsilon: 1e-3 },
      { id: 'act', op: 'activation', inputs: ['bn'], activation },
      { id: 'pool', op: 'globalAvgPool', inputs: ['act'] },
      { id: 'hidden', op: 'dense', inputs: ['pool'], units: 5, bias: true },
      { id: 'act2', op: 'activation', inputs: ['hidden'], activation: 'relu' },
      { id: 'dense', op: 'dense', inputs: ['act2'], units: 3, bias: true },
    ],
  };
}

const NETWORK = networkWith('hswish');

function withValues(weights: Weights, name: string, at: Readonly<Record<number, number>>): Weights {
  const tensor = weights.get(name)!;
  const data = tensor.data.map((value, i) => at[i] ?? value);
  return new Map<string, WeightTensor>([...weights, [name, { shape: tensor.shape, data }]]);
}

async function logitsOf(network: Network, weights: Weights): Promise<readonly number[]> {
  const session = await createOnnxruntimeTrainer().then((trainer) =>
    trainer.openInference(network, weights, 4),
  );
  try {
    return [...(await session.logits(randomBatch(NETWORK, 4, 5).images))];
  } finally {
    await session.close();
  }
}

describe('compensateBiases', () => {
  it('changes nothing that the network says when what is removed is constant', async () => {
    // Channels 1 and 4 have no spread: they are h-swish(β) whatever the image.
    const weights = withValues(
      withValues(unevenWeights(NETWORK, 3), 'bn/gamma', { 1: 0, 4: 0, 0: 3, 2: 3, 3: 3, 5: 3 }),
      'bn/beta',
      { 1: 1.5, 4: -0.7 },
    );
    const scores: Weights = new Map([
      ['conv/importance', { shape: [6], data: Float32Array.of(1, 0, 1, 1, 0, 1) }],
    ]);
    const widths = [{ group: 'conv', width: 4 }];
    const whole = await logitsOf(NETWORK, weights);
    const cut = cutWeights(NETWORK, weights, widths, { scores, compensate: true });
    const compensated = await logitsOf(cut.network, cut.weights);
    compensated.forEach((logit, i) => {
      expect(logit).toBeCloseTo(whole[i]!, 4);
    });
    const plain = cutWeights(NETWORK, weights, widths, { scores });
    const without = await logitsOf(plain.network, plain.weights);
    expect(Math.max(...without.map((logit, i) => Math.abs(logit - whole[i]!)))).toBeGreaterThan(0.01);
  });

  it('leaves layers alone that have no bias', () => {
    const weights = initializeWeights(NETWORK, seededRng(1));
    const cut = cutWeights(NETWORK, weights, [{ group: 'hidden', width: 2 }], { compensate: true });
    expect(cut.weights.get('conv/kernel')).toBe(weights.get('conv/kernel'));
  });
});

describe('expectedActivations', () => {
  const standard = (activation: ActivationKind): number => {
    const network = networkWith(activation);
    const weights = withValues(
      withValues(initializeWeights(network, seededRng(1)), 'bn/gamma', { 0: 1 }),
      'bn/beta',
      { 0: 0 },
    );
    return expectedActivations(network, weights).get('act')![0]!;
  };

  it('knows the means of activations of a standard normal variable', () => {
    expect(standard('relu')).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 3);
    expect(standard('sigmoid')).toBeCloseTo(0.5, 6);
    expect(standard('hsigmoid')).toBeCloseTo(0.5, 6);
    // E[x·relu6(x + 3)]/6 is 1/6 but for the tails.
    expect(standard('hswish')).toBeCloseTo(1 / 6, 2);
  });
});
