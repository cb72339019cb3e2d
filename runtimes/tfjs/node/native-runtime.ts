import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../contracts/environment.js';
import { LutraError } from '../../../core/errors.js';
import { cpuFacts } from '../../cpu-facts.js';
import { fileDigest } from '../../file-digest.js';
import type { TensorRuntime } from '../../tensor-runtime.js';
import { NATIVE_CALLS } from '../prepare-op.js';
import type { Tfjs } from '../tfjs-core.js';
import { tfjsRuntime } from '../tfjs-runtime.js';

const PACKAGE = '@tensorflow/tfjs-node';

/** Of the library: its headers, with the build id that names the rest. All 565 MB would take a second each time. */
const DIGESTED_BYTES = 1 << 20;

interface NativeBackend {
  readonly binding?: { readonly TF_Version?: string };
}

/**
 * TensorFlow's native library through tfjs. Every call costs 30 to 100 µs whatever its size, so latency counts calls
 * more than channels.
 * @param options.threads threads within one op
 * @throws LutraError `engine-unavailable` when the library is missing or does not load, saying what to run
 */
export async function createNativeRuntime({ threads }: { readonly threads: number }): Promise<TensorRuntime> {
  const tf = await loadNative(threads);
  return tfjsRuntime({
    tf,
    name: 'tfjs-node',
    style: NATIVE_CALLS,
    environment: () => nativeEnvironment(tf, threads),
  });
}

/** TensorFlow reads its settings once, when it is loaded. */
async function loadNative(threads: number): Promise<Tfjs> {
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_NUM_INTEROP_THREADS = '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  let tf: Tfjs;
  try {
    ({ default: tf } = (await import(PACKAGE)) as { readonly default: Tfjs });
  } catch (cause) {
    throw new LutraError(
      'engine-unavailable',
      `the native library of ${PACKAGE} does not load: run 'npm run tfjs-node'`,
      { cause },
    );
  }
  if (await tf.setBackend('tensorflow')) return tf;
  throw new LutraError('engine-unavailable', "tfjs has no backend 'tensorflow': run 'npm run tfjs-node'");
}

async function nativeEnvironment(tf: Tfjs, threads: number): Promise<Omit<Environment, 'pinned'>> {
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const library = join(dirname(manifest), 'deps', 'lib', 'libtensorflow.so');
  const { binding } = tf.backend() as NativeBackend;
  return {
    ...cpuFacts(),
    runtime: 'tfjs-node',
    runtimeVersion: version,
    libraryDigest: await fileDigest(library, DIGESTED_BYTES).catch(() => ''),
    threads,
    dtype: 'float32',
    channelStep: 1,
    flags: { calls: NATIVE_CALLS, interOpThreads: '1', tensorflow: binding?.TF_Version ?? 'unknown' },
  };
}
