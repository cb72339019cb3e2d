import type { Environment } from '../../contracts/environment.js';

/** What a browser lets a page know of itself, as the page read it. */
export interface BrowserFacts {
  readonly userAgent: string;
  /** `isolated`: COOP and COEP on a secure origin, which grants shared memory and the finest clock. */
  readonly isolation: 'isolated' | 'not isolated';
  /** Step of the clock: 5 where isolated, 100 or more elsewhere. */
  readonly timerStepUs: number;
  readonly logicalCores: number;
}

/** Facts about a browser and a runtime in it. Processor and system stay hidden from pages: the user agent stands for them. */
export function webEnvironment(
  facts: BrowserFacts,
  runtime: {
    readonly name: 'onnxruntime-web' | 'tfjs-web';
    readonly version: string;
    readonly threads: number;
    readonly flags: Readonly<Record<string, string>>;
  },
): Omit<Environment, 'pinned'> {
  const { userAgent, isolation, timerStepUs, logicalCores } = facts;
  return {
    cpuModel: '',
    isa: [],
    arch: '',
    os: '',
    runtime: runtime.name,
    runtimeVersion: runtime.version,
    libraryDigest: '',
    threads: runtime.threads,
    dtype: 'float32',
    channelStep: 1,
    flags: {
      ...runtime.flags,
      userAgent,
      isolation,
      timerStepUs: String(timerStepUs),
      logicalCores: String(logicalCores),
    },
  };
}
