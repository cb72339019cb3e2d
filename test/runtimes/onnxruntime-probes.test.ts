import { expect, test } from 'vitest';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { loadInternalBinding } from '../../runtimes/onnxruntime/binding/internal-binding.js';
import { publicBinding } from '../../runtimes/onnxruntime/binding/public-binding.js';
import { buildNetworkGraph } from '../../runtimes/onnxruntime/graphs/network-graph.js';
import { createOnnxruntimeRuntime } from '../../runtimes/onnxruntime/onnxruntime-runtime.js';

const runtime = await createOnnxruntimeRuntime({ threads: 1 });

function termsOf(key: string): Record<string, number> {
  return Object.fromEntries(runtime.opProbe(key).map(({ graphId, coefficient }) => [graphId, coefficient]));
}

test('an op that changes the shape loses half of the base graph at either side', () => {
  const key = 'depthwise:28x28x32:k3x3:s2x2:relu:f32';
  expect(termsOf(key)).toEqual({ [`op:${key}`]: 1, 'base:28x28x32': -0.5, 'base:14x14x32': -0.5 });
});

test('an op that keeps the shape loses its base graph', () => {
  const key = 'squeezeExcite:14x14x96>24:relu:hsigmoid:f32';
  expect(termsOf(key)).toEqual({ [`op:${key}`]: 1, 'base:14x14x96': -1 });
});

test('a residual comes from the layer before the one that feeds the op', () => {
  const key = 'conv2d:14x14x96>24:k1x1:s1x1:add:f32';
  expect(termsOf(key)).toEqual({
    [`op:${key}`]: 1,
    'chain:14x14x96<24': -1,
    'base:14x14x96': 0.5,
    'base:14x14x24': -0.5,
  });
});

test('a residual of another extent has an entry of its own', () => {
  const key = 'conv2d:32x32x16>32:k1x1:s2x2:add:relu:f32';
  expect(termsOf(key)).toEqual({ [`op:${key}`]: 1, 'base:32x32x16': -0.5, 'base:16x16x32': -1 });
});

test.each([
  ['add:8x8x24:f32', 'chain:8x8x24<24'],
  ['mul:8x8x24:f32', 'chain:8x8x24<24'],
  ['conv2d:8x8x24>24:k1x1:s1x1:add:f32', 'chain:8x8x24<24'],
  ['depthwise:9x9x16:k3x3:s1x1:add:f32', 'chain:9x9x16<16'],
])('%s has two inputs and an output of one shape, whose base graphs cancel', (key, chain) => {
  expect(termsOf(key)).toEqual({ [`op:${key}`]: 1, [chain]: -1 });
});

test('an op that reads the image has no layer before it, a classifier has vectors around it', () => {
  const stem = 'conv2d:32x32x3>16:k3x3:s2x2:hswish:f32';
  expect(termsOf(stem)).toEqual({ [`op:${stem}`]: 1, 'base:16x16x16': -0.5 });
  const classifier = 'dense:128>10:f32';
  expect(termsOf(classifier)).toEqual({ [`op:${classifier}`]: 1, 'base:128': -0.5, 'base:10': -0.5 });
});

test.each([
  'conv2d:9x9x24>40:k5x5:s2x2:relu6:f32',
  'conv2d:9x9x24>48:k3x3:s1x1:g4:swish:f32',
  'conv2d:9x9x7>13:k1x1:s1x1:add:sigmoid:f32',
  'depthwise:9x9x21:k7x7:s1x1:hsigmoid:f32',
  'depthwise:9x9x16:k3x3:s1x1:add:f32',
  'squeezeExcite:7x7x20>8:hswish:sigmoid:f32',
  'globalAvgPool:7x7x33:f32',
  'avgPool:8x8x24:k3x3:s2x2:f32',
  'maxPool:8x8x24:k2x2:s2x2:f32',
  'dense:96>40:relu6:f32',
  'activation:8x8x24:relu:f32',
  'activation:8x8x24:relu6:f32',
  'activation:8x8x24:hswish:f32',
  'activation:1x1x10:softmax:f32',
  'add:8x8x24:f32',
  'mul:8x8x24:f32',
  'mul:8x8x24:spread:f32',
  'concat:8x8x16+24+8:f32',
  'flatten:4x4x24:f32',
  'batchNorm:8x8x24:f32',
])('%s stands between layers and runs', async (key) => {
  for (const term of runtime.opProbe(key)) {
    const executable = await term.open();
    const [durationNs] = await executable.sample(1);
    await executable.close();
    expect(durationNs, term.graphId).toBeGreaterThan(0);
  }
});

test('the inner binding computes what the documented interface computes', async () => {
  const internal = loadInternalBinding()!;
  expect(internal.name).toBe('internal');
  const model = buildNetworkGraph(buildZooNetwork('mobilenet-v3-tiny', { classes: 7 }), 'float32');
  const outputs: number[][] = [];
  for (const binding of [internal, publicBinding]) {
    const session = await binding.open(model, 1);
    await session.run();
    outputs.push([...session.output()]);
    await session.close();
  }
  expect(outputs[0]).toHaveLength(7);
  expect(outputs[0]!.some((value) => value !== 0)).toBe(true);
  expect(outputs[0]).toEqual(outputs[1]);
});

test('the environment names the library by content and the block that latency steps in', async () => {
  const environment = await runtime.environment();
  expect(environment.runtimeVersion).toBe('1.30.0');
  expect(environment.libraryDigest).toMatch(/^[0-9a-f]{64}$/);
  expect([1, 4, 8, 16]).toContain(environment.channelStep);
  expect(environment.flags.binding).toBe('internal');
});
