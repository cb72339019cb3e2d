import { LutraError } from '../../core/errors.js';
import type { Tfjs } from './tfjs-namespace.js';

/**
 * Loads TensorFlow's native library. TensorFlow reads its settings once, so they are set before: one thread, since more
 * make a training step of these small networks slower, and no log lines below errors. Settings that are there already
 * stay.
 * @throws LutraError `engine-unavailable` when the library is missing or does not load, saying what to run
 */
export async function loadNativeTfjs(): Promise<Tfjs> {
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  let tf: Tfjs;
  try {
    tf = await import('@tensorflow/tfjs-node');
  } catch (cause) {
    throw new LutraError(
      'engine-unavailable',
      "the native library of @tensorflow/tfjs-node does not load: run 'npm run tfjs-node'",
      { cause },
    );
  }
  if (!(await tf.setBackend('tensorflow'))) {
    throw new LutraError('engine-unavailable', "tfjs has no backend 'tensorflow': run 'npm run tfjs-node'");
  }
  return tf;
}
