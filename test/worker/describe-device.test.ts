import { describe, expect, it } from 'vitest';

const { describeDevice } = (await import(
  new URL('../../dist/services/worker/measure/describe-device.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/describe-device.js');

describe('what a measuring child makes of its runtime', () => {
  it('compiles WebAssembly once, with the optimizing compiler', async () => {
    const { flags } = await describeDevice({ runtime: 'tfjs-wasm', threads: 1 }, null);
    expect(flags).toMatchObject({ compiler: 'optimizing' });
  });

  it('lets the threads of a pool spin for 200 µs, and has nothing to say of a single one', async () => {
    const two = await describeDevice({ runtime: 'onnxruntime', threads: 2 }, null);
    expect(two.flags).toMatchObject({ spinUs: '200' });
    const one = await describeDevice({ runtime: 'onnxruntime', threads: 1 }, null);
    expect(one.flags).not.toHaveProperty('spinUs');
  });

  it('is not waited for by a worker that is asked to stop', async () => {
    const stop = new AbortController();
    const described = describeDevice({ runtime: 'tfjs-wasm', threads: 1 }, null, stop.signal);
    stop.abort(new Error('asked to stop'));
    await expect(described).rejects.toThrow('asked to stop');
  });
});
