import { expect, test } from 'vitest';
import { LutraError } from '../../core/errors.js';
import { createRuntime } from '../../runtimes/create-runtime.js';
import { describeRuntimeConformance } from './runtime-conformance.js';
import { TFJS_GAPS } from './tfjs-gaps.js';

const create = () => createRuntime({ runtime: 'tfjs-node', threads: 1 });
const skip = await whyUnavailable();

describeRuntimeConformance('tfjs-node', create, { unsupported: TFJS_GAPS, skip });

test.skipIf(skip !== undefined)('the environment names TensorFlow by version and content', async () => {
  expect(await (await create()).environment()).toMatchObject({
    runtimeVersion: '4.22.0',
    libraryDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    flags: {
      calls: 'plain',
      tensorflow: expect.stringMatching(/^2\.\d+\.\d+/),
    },
  });
});

async function whyUnavailable(): Promise<string | undefined> {
  try {
    await create();
    return undefined;
  } catch (error) {
    if (error instanceof LutraError && error.code === 'engine-unavailable') return error.message;
    throw error;
  }
}
