import { expect, test } from 'vitest';
import type { Environment } from '../../contracts/environment.js';
import { DEFAULT_PROTOCOL, type MeasurementPlan } from '../../contracts/measurement.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import type { TensorRuntime } from '../../runtimes/tensor-runtime.js';
import { withChannelStep } from '../../services/worker/measure/timed-channel-step.js';

// Built, because it starts a measuring child beside itself.
const { runMeasureChild } = (await import(
  new URL('../../dist/services/worker/measure/run-child.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/run-child.js');

type Facts = Omit<Environment, 'pinned'>;

const FACTS: Facts = {
  cpuModel: 'formula',
  isa: [],
  arch: 'x64',
  os: 'none',
  runtime: 'tfjs-wasm',
  runtimeVersion: '1',
  libraryDigest: '',
  threads: 1,
  dtype: 'int8',
  channelStep: 1,
  flags: { calls: 'fused' },
};

/** An engine whose depthwise convolutions take as long as a formula of their channels says. */
function engine(latencyNs: (channels: number) => number): TensorRuntime & { opened: number } {
  const runtime = {
    name: 'tfjs-wasm' as const,
    opened: 0,
    environment: async () => FACTS,
    opProbe: (key: string) => {
      const op = decodeOpKey(key);
      if (op.kind !== 'depthwise') throw new Error(`asked for ${key}`);
      return [
        {
          graphId: key,
          coefficient: 1,
          open: async () => {
            runtime.opened++;
            return {
              sample: async (count: number) => new Float64Array(count).fill(latencyNs(op.input[2])),
              close: async () => undefined,
            };
          },
        },
      ];
    },
    networkProbe: () => [],
    close: async () => undefined,
  };
  return runtime;
}

const SLOWER = { ...FACTS.flags, offStep: 'slower' };

test.each([
  ['proportional to channels', (channels: number) => channels, 1],
  ['padded to 16', (channels: number) => 16 * Math.ceil(channels / 16), 1],
  ['2.3 times as long off 16', (channels: number) => channels * (channels % 16 === 0 ? 1 : 2.3), 16],
  ['2.3 times as long off 8', (channels: number) => channels * (channels % 8 === 0 ? 1 : 2.3), 8],
  ['2.3 times as long off 32', (channels: number) => channels * (channels % 32 === 0 ? 1 : 2.3), 32],
])('latency %s', async (_, latencyNs, step) => {
  const found = await withChannelStep(engine(latencyNs), FACTS);
  expect(found).toEqual(step === 1 ? FACTS : { ...FACTS, channelStep: step, flags: SLOWER });
});

test('what is known already is not timed again', async () => {
  const runtime = engine((channels) => channels);
  expect(await withChannelStep(runtime, FACTS, 16)).toEqual({ ...FACTS, channelStep: 16, flags: SLOWER });
  expect(await withChannelStep(runtime, FACTS, 1)).toEqual(FACTS);
  const blocked = { ...FACTS, channelStep: 16 };
  expect(await withChannelStep(runtime, blocked)).toEqual(blocked);
  expect(runtime.opened).toBe(0);
});

test('an engine that refuses the probe has no step', async () => {
  const refusing = engine(() => {
    throw new Error('no kernel');
  });
  expect(await withChannelStep(refusing, FACTS)).toEqual(FACTS);
});

test('two measuring children find the same step of 8-bit kernels here, and a session repeats what it is told', async () => {
  const plan: MeasurementPlan = {
    runtime: 'onnxruntime',
    threads: 1,
    dtype: 'int8',
    seed: 0,
    subjects: [],
    protocol: DEFAULT_PROTOCOL,
  };
  const first = await described(plan);
  expect(await described(plan)).toEqual(first);
  expect(first.channelStep === 1 ? undefined : 'slower').toBe(first.flags.offStep);
  const { flags, channelStep } = await described({ ...plan, channelStep: 32 });
  expect([channelStep, flags.offStep]).toEqual([32, 'slower']);
});

async function described(plan: MeasurementPlan): Promise<Facts> {
  const found: Facts[] = [];
  const end = await runMeasureChild(plan, {
    cores: null,
    signal: new AbortController().signal,
    silenceMs: 20_000,
    describe: true,
    onMessage: (message) => {
      if (message.type === 'environment') found.push(message.environment);
    },
  });
  expect(end).toEqual({ ok: true });
  return found[0]!;
}
