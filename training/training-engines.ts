import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TrainerName } from '../contracts/job.js';

/**
 * The engines that this machine can train with. TensorFlow is not loaded for it, only looked for: a library that is there
 * and does not load shows in the first job.
 */
export function trainingEngines(): readonly TrainerName[] {
  return hasNativeTfjs() ? ['onnxruntime', 'tfjs'] : ['onnxruntime'];
}

function hasNativeTfjs(): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json');
    return existsSync(join(dirname(manifest), 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    return false;
  }
}
