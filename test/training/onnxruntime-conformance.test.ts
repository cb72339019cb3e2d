import type { Network } from '../../core/network/network.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { describeTrainerConformance } from './trainer-conformance.js';

const unsupported: Network = {
  name: 'two groups',
  nodes: [
    { id: 'image', op: 'input', inputs: [], shape: [4, 4, 4] },
    {
      id: 'conv',
      op: 'conv2d',
      inputs: ['image'],
      filters: 4,
      kernel: [3, 3],
      stride: [1, 1],
      padding: 'same',
      groups: 2,
      bias: false,
    },
    { id: 'mean', op: 'globalAvgPool', inputs: ['conv'] },
    { id: 'logits', op: 'dense', inputs: ['mean'], units: 3, bias: true },
  ],
};

describeTrainerConformance('onnxruntime', createOnnxruntimeTrainer, { unsupported });
