import { expect, it } from 'vitest';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { seededRng } from '../../core/random.js';
import { openInferenceSession } from '../../training/onnxruntime/inference-session.js';

it('lets nodes be called what the export calls its own', async () => {
  const network = parseNetwork({
    name: 'named alike',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape: [2, 2, 3] },
      { id: 'a', op: 'activation', inputs: ['input'], activation: 'swish' },
      { id: 'a/sigmoid', op: 'activation', inputs: ['a'], activation: 'sigmoid' },
      { id: 'flat/transpose', op: 'activation', inputs: ['a/sigmoid'], activation: 'relu' },
      { id: 'flat', op: 'flatten', inputs: ['flat/transpose'] },
      { id: 'logits', op: 'dense', inputs: ['flat'], units: 4, bias: true },
    ],
  });
  const session = await openInferenceSession(network, initializeWeights(network, seededRng(1)), 1);
  const logits = await session.logits(new Float32Array(12).fill(0.5));
  await session.close();
  expect(logits).toHaveLength(4);
  expect(logits.every(Number.isFinite)).toBe(true);
});
