import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../contracts/environment.js';
import { cpuFacts } from '../../cpu-facts.js';
import { fileDigest } from '../../file-digest.js';
import type { TensorRuntime } from '../../tensor-runtime.js';
import { WASM_CALLS } from '../prepare-op.js';
import type { Tfjs } from '../tfjs-core.js';
import { tfjsRuntime } from '../tfjs-runtime.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/** tfjs on WebAssembly in this process, one thread. */
export async function createWasmRuntime(): Promise<TensorRuntime> {
  const { default: tf } = (await import('@tensorflow/tfjs-core')) as unknown as { readonly default: Tfjs };
  await import(PACKAGE);
  await tf.setBackend('wasm');
  return tfjsRuntime({ tf, name: 'tfjs-wasm', style: WASM_CALLS, environment: () => wasmEnvironment(tf) });
}

async function wasmEnvironment(tf: Tfjs): Promise<Omit<Environment, 'pinned'>> {
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
  const binary = simd ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm.wasm';
  return {
    ...cpuFacts(),
    runtime: 'tfjs-wasm',
    runtimeVersion: version,
    libraryDigest: await fileDigest(join(dirname(manifest), 'dist', binary)),
    threads: 1,
    dtype: 'float32',
    channelStep: 1,
    flags: { binary, calls: WASM_CALLS, compiler: compiler(), simd: String(simd), v8: process.versions.v8 },
  };
}

/** Measuring children run on the optimizing compiler alone; elsewhere V8 begins with its baseline compiler. */
function compiler(): string {
  return process.execArgv.includes('--no-liftoff') ? 'optimizing' : 'tiered';
}
