import { describe, expect, it } from 'vitest';
import { parseLocalDevice } from '../../services/serve/local-device.js';

const defaults = { runtime: 'onnxruntime', threads: 1, dtype: 'float32' } as const;

describe('a local device on the command line', () => {
  it.each([
    ['local', { name: 'local', runtime: 'onnxruntime', threads: 1, dtype: 'float32' }],
    ['wasm:tfjs-wasm', { name: 'wasm', runtime: 'tfjs-wasm', threads: 1, dtype: 'float32' }],
    ['q8:onnxruntime:int8', { name: 'q8', runtime: 'onnxruntime', threads: 1, dtype: 'int8' }],
    ['q8-two:int8:2', { name: 'q8-two', runtime: 'onnxruntime', threads: 2, dtype: 'int8' }],
  ])('%s', (text, device) => {
    expect(parseLocalDevice(text, defaults)).toEqual(device);
  });

  it('takes what it does not say from the defaults, options included', () => {
    const fake = { ...defaults, runtime: 'fake', threads: 3, runtimeOptions: { noise: 0 } };
    expect(parseLocalDevice('a', fake)).toEqual({ ...fake, name: 'a' });
  });

  it.each([
    ['a:abacus', "got 'abacus'", '/runtime'],
    ['a:onnxruntime-web', "got 'onnxruntime-web'", '/runtime'],
    ['a:0', "got '0'", '/runtime'],
    ['a:tfjs-wasm:2', 'tfjs-wasm: expected 1 thread, got 2', '/threads'],
    ['a:tfjs-node:int8', 'tfjs-node: expected dtype float32, got int8', '/dtype'],
  ])('refuses %s', (text, message, pointer) => {
    expect(() => parseLocalDevice(text, defaults)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        pointer,
        message: expect.stringContaining(message),
      }),
    );
  });
});
