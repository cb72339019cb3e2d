import type { DTypeName, RuntimeName } from '../contracts/environment.js';
import { LutraError } from '../core/errors.js';

interface RuntimeLimits {
  /** Whether one inference can use several threads. */
  readonly manyThreads: boolean;
  readonly dtypes: readonly DTypeName[];
}

const LIMITS: Readonly<Record<RuntimeName, RuntimeLimits>> = {
  onnxruntime: { manyThreads: true, dtypes: ['float32', 'int8'] },
  'tfjs-node': { manyThreads: true, dtypes: ['float32'] },
  // Its threaded build needs a browser's workers.
  'tfjs-wasm': { manyThreads: false, dtypes: ['float32'] },
  fake: { manyThreads: true, dtypes: ['float32', 'int8'] },
  'onnxruntime-web': { manyThreads: true, dtypes: ['float32'] },
  'tfjs-web': { manyThreads: false, dtypes: ['float32'] },
};

/** Every runtime's name, as `contracts/environment.ts` has them. */
export const RUNTIME_NAMES = Object.keys(LIMITS) as RuntimeName[];

export interface RuntimeSettings {
  readonly runtime: RuntimeName;
  readonly threads: number;
  readonly dtype: DTypeName;
}

/**
 * Refuses what a runtime can never do, before a worker tries.
 * @throws LutraError `invalid-request` pointing at the setting
 */
export function checkRuntimeLimits({ runtime, threads, dtype }: RuntimeSettings): void {
  const { manyThreads, dtypes } = LIMITS[runtime];
  if (threads > 1 && !manyThreads) {
    throw new LutraError('invalid-request', `${runtime}: expected 1 thread, got ${threads}`, {
      pointer: '/threads',
    });
  }
  if (!dtypes.includes(dtype)) {
    throw new LutraError(
      'invalid-request',
      `${runtime}: expected dtype ${dtypes.join(' or ')}, got ${dtype}`,
      {
        pointer: '/dtype',
      },
    );
  }
}
