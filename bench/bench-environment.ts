import type { Environment } from '../contracts/environment.js';

/** Of a device that nothing runs on. */
export const BENCH_ENVIRONMENT: Environment = {
  cpuModel: 'bench',
  isa: [],
  arch: 'any',
  os: '0.0',
  runtime: 'fake',
  runtimeVersion: '1',
  libraryDigest: '',
  threads: 1,
  dtype: 'float32',
  pinned: true,
  channelStep: 8,
  flags: {},
};
