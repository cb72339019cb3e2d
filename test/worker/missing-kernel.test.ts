import { expect, test } from 'vitest';
import type { MeasureMessage } from '../../contracts/measure-message.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { createRuntime } from '../../runtimes/create-runtime.js';
import type { Tfjs } from '../../runtimes/tfjs/tfjs-core.js';
import { measureSession } from '../../services/worker/measure/measure-session.js';

const LACKING = 'depthwise:9x9x16:k3x3:s1x1:relu:f32';
const KNOWN = 'dense:32>16:relu:f32';

test('an op whose kernel the engine lacks, which shows in its first run, is unsupported; the others are measured', async () => {
  const runtime = await createRuntime({ runtime: 'tfjs-wasm', threads: 1 });
  const { default: tf } = (await import('@tensorflow/tfjs-core')) as unknown as { readonly default: Tfjs };
  tf.unregisterKernel('FusedDepthwiseConv2D', 'wasm');
  const messages: MeasureMessage[] = [];
  await measureSession(
    runtime,
    {
      runtime: 'tfjs-wasm',
      threads: 1,
      seed: 1,
      subjects: [LACKING, KNOWN].map((key) => ({ kind: 'op', id: key, key })),
      protocol: { ...DEFAULT_PROTOCOL, minVisits: 2, maxVisits: 2 },
    },
    { port: { send: (message) => messages.push(message) }, isTimed: true },
  );
  await runtime.close();
  expect(messages.filter(({ type }) => type === 'graph-failure')).toEqual([
    {
      type: 'graph-failure',
      graphId: `op:${LACKING}`,
      kind: 'unsupported-op',
      message: expect.stringContaining('FusedDepthwiseConv2D'),
    },
  ]);
  const probed = messages.flatMap((message) => (message.type === 'probe' ? [message.probe.graphId] : []));
  expect(probed).toEqual([`op:${KNOWN}`]);
});
