import { expect, test } from 'vitest';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { createRuntime } from '../../runtimes/create-runtime.js';
import { fakeNetworkNs, fakeOpNs } from '../../runtimes/fake/fake-latency.js';
import { describeRuntimeConformance } from './runtime-conformance.js';

describeRuntimeConformance('fake', () => createRuntime({ runtime: 'fake', threads: 1 }), { computes: false });

test('its formula: fixed + MACs + elements, channels rounded up to the step', () => {
  // 64·48 MACs / 40 + 48 / 8 elements + 2,000; 33 units cost as much as 48.
  expect(fakeOpNs(decodeOpKey('dense:64>48:relu:f32'), {})).toBe(Math.round(2_000 + 3_072 / 40 + 6));
  expect(fakeOpNs(decodeOpKey('dense:64>33:relu:f32'), {})).toBe(2_083);
});

test('a network is the factor times its ops, plus the overhead', () => {
  const network = buildZooNetwork('mobilenet-v3-tiny', {});
  const plain = fakeNetworkNs(network, { networkFactor: 1, networkOverheadNs: 0 });
  expect(fakeNetworkNs(network, { networkFactor: 2, networkOverheadNs: 7 })).toBe(2 * plain + 7);
});

test('unknown options and runtimes are refused', async () => {
  const wrong = createRuntime({ runtime: 'fake', threads: 1, runtimeOptions: { speed: 9 } });
  await expect(wrong).rejects.toMatchObject({ code: 'invalid-request' });
  await expect(createRuntime({ runtime: 'abacus', threads: 1 })).rejects.toMatchObject({
    pointer: '/runtime',
  });
});
