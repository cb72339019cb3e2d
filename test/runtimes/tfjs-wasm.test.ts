import { expect, test } from 'vitest';
import { createRuntime } from '../../runtimes/create-runtime.js';
import { describeRuntimeConformance } from './runtime-conformance.js';
import { TFJS_GAPS } from './tfjs-gaps.js';

const create = () => createRuntime({ runtime: 'tfjs-wasm', threads: 1 });

describeRuntimeConformance('tfjs-wasm', create, { unsupported: TFJS_GAPS });

test('the environment names the binary by content, and how layers are called', async () => {
  expect(await (await create()).environment()).toMatchObject({
    runtimeVersion: '4.22.0',
    libraryDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    flags: { binary: 'tfjs-backend-wasm-simd.wasm', calls: 'fused', simd: 'true' },
  });
});
