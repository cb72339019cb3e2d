import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { kernelsOf } from '../../core/latency/network-sums.js';
import { fuse } from '../../core/ops/fuse.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { buildNetworkGraph } from '../../runtimes/onnxruntime/graphs/network-graph.js';
import { buildOpGraph } from '../../runtimes/onnxruntime/graphs/op-context.js';
import type { OrtModel } from '../../runtimes/onnxruntime/graphs/ort-model.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

/** How often each kind of node stands in the graph that onnxruntime executes, conversions apart. */
async function kernels({ bytes }: OrtModel): Promise<Record<string, number>> {
  const file = join(temporaryDirectory(), 'optimized.onnx');
  const options = {
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: file,
    logSeverityLevel: 3,
  } as const;
  await (await InferenceSession.create(bytes, options)).release();
  const counts: Record<string, number> = {};
  for (const graph of messages(readFileSync(file), 7))
    for (const node of messages(graph, 1))
      for (const name of messages(node, 4)) {
        const kind = Buffer.from(name).toString();
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
  return counts;
}

/** The fields of one number, of a protobuf message. */
function messages(bytes: Uint8Array, number: number): readonly Uint8Array[] {
  const reader = protobuf.Reader.create(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === number) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

// Entry, exit and tap are layers too: three for each input that a layer makes, fewer for the image.
test.each([
  ['conv2d:14x14x80>184:k1x1:s1x1:relu:i8', { QLinearConv: 4 }],
  ['conv2d:14x14x80>184:k3x3:s2x2:relu6:i8', { QLinearConv: 4 }],
  ['conv2d:14x14x96>24:k1x1:s1x1:add:i8', { QLinearConv: 5, QLinearAdd: 1 }],
  ['depthwise:28x28x32:k3x3:s2x2:relu:i8', { QLinearConv: 4 }],
  ['globalAvgPool:7x7x96:i8', { QLinearConv: 3, QLinearGlobalAveragePool: 1 }],
  ['dense:128>10:i8', { QGemm: 3 }],
  ['maxPool:8x8x24:k2x2:s2x2:i8', { QLinearConv: 3, NhwcMaxPool: 1 }],
  ['concat:8x8x16+24+8:i8', { QLinearConv: 5, QLinearConcat: 1 }],
])('%s is 8-bit kernels throughout', async (key, expected) => {
  const { Transpose, DequantizeLinear, ...found } = await kernels(buildOpGraph(decodeOpKey(key)));
  expect(found).toEqual(expected);
  // At the ends of the graph alone: the input turned once, the output turned and given out as numbers.
  expect([Transpose ?? 0, DequantizeLinear]).toEqual([key.startsWith('dense') ? 0 : 2, 1]);
});

test.each(
  (['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-large'] as const).flatMap((name) =>
    (['float32', 'int8'] as const).map((dtype) => [name, dtype] as const),
  ),
)('%s in %s executes the kernels that its ops are priced for', async (name, dtype) => {
  const network = buildZooNetwork(name, { resolution: 64 });
  const {
    Conv = 0,
    QLinearConv = 0,
    Gemm = 0,
    QGemm = 0,
    ...others
  } = await kernels(buildNetworkGraph(network, dtype));
  const priced = fuse(network, dtype).map(({ op }) => kernelsOf(op));
  expect(priced.reduce((sum, { computing }) => sum + computing, 0)).toBe(Conv + QLinearConv + Gemm + QGemm);
  // Besides, a network changes layouts and element types at its ends.
  const elementwise = Object.values(others).reduce((sum, count) => sum + count, 0);
  const ends = priced.reduce((left, kernelsOfOp) => left - kernelsOfOp.elementwise, elementwise);
  expect(ends).toBeGreaterThanOrEqual(2);
  expect(ends).toBeLessThanOrEqual(5);
});

test('h-swish runs in float32 between two conversions, the convolution before it in 8 bits', async () => {
  const { Transpose, ...found } = await kernels(
    buildOpGraph(decodeOpKey('conv2d:14x14x80>184:k1x1:s1x1:hswish:i8')),
  );
  expect(found).toEqual({ QLinearConv: 4, DequantizeLinear: 2, HardSigmoid: 1, Mul: 1, QuantizeLinear: 1 });
});

test.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-large'] as const)(
  'no layer of %s stays in float32',
  async (name) => {
    const found = await kernels(buildNetworkGraph(buildZooNetwork(name, { resolution: 64 }), 'int8'));
    expect(Object.keys(found)).not.toContain('Conv');
    expect(Object.keys(found)).not.toContain('Gemm');
    expect(found.QLinearConv! + found.QGemm!).toBeGreaterThan(20);
  },
);
