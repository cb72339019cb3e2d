import type { DTypeName, Environment } from '../../contracts/environment.js';
import { cpuFacts } from '../cpu-facts.js';
import { type OrtBinding, SPIN_US, sessionOptions } from './binding/ort-session.js';
import { probeChannelStep } from './channel-step.js';
import { nativeLibrary } from './native-library.js';

/** What latencies on this machine depend on, `pinned` apart. */
export async function onnxruntimeEnvironment(
  binding: OrtBinding,
  threads: number,
  dtype: DTypeName,
): Promise<Omit<Environment, 'pinned'>> {
  const { version, digest } = await nativeLibrary();
  const { executionMode, graphOptimizationLevel, executionProviders } = sessionOptions(threads);
  return {
    ...cpuFacts(),
    runtime: 'onnxruntime',
    runtimeVersion: version,
    libraryDigest: digest,
    threads,
    dtype,
    // 8-bit kernels keep channels last, in no blocks: what step they have is left to timing.
    channelStep: dtype === 'int8' ? 1 : await probeChannelStep(binding),
    flags: {
      binding: binding.name,
      executionMode,
      executionProvider: executionProviders[0],
      graphOptimizationLevel,
      ...(threads > 1 ? { spinUs: String(SPIN_US) } : {}),
    },
  };
}
