import { existsSync, rmSync } from 'node:fs';
import type { DTypeName } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { seededRng } from '../../core/random.js';
import { cpuFacts } from '../cpu-facts.js';
import type { ProbeTerm, TensorRuntime } from '../tensor-runtime.js';
import { fakeExecutable } from './fake-executable.js';
import { FAKE_DEFAULTS, fakeNetworkNs, fakeOpNs } from './fake-latency.js';
import { type FakeRule, parseFakeOptions } from './fake-options.js';

/**
 * A device whose latencies follow a formula, for demonstrations and wherever time must be exact. It can also crash,
 * hang and lie, where rules say so.
 * @throws LutraError `invalid-request` for an unknown option
 */
export async function createFakeRuntime(choice: {
  readonly threads: number;
  readonly dtype?: DTypeName | undefined;
  readonly runtimeOptions?: Readonly<Record<string, unknown>> | undefined;
}): Promise<TensorRuntime> {
  const options = parseFakeOptions(choice.runtimeOptions ?? {});
  const { noise = 0, noiseSeed = 0, level = 1, spend = false, clockStepNs = 1, rules = [] } = options;
  const rng = seededRng(noiseSeed);
  const term = (graphId: string, latencyNs: number): ProbeTerm => ({
    graphId,
    coefficient: 1,
    open: async () => {
      const rule = rules.find(({ match }) => matches(match, graphId));
      if (rule?.behaviour === 'unsupported')
        throw new LutraError('unsupported-op', `the fake device refuses ${graphId}`);
      return fakeExecutable({ latencyNs: latencyNs * level, rule, noise, rng, spend, clockStepNs });
    },
  });
  return {
    name: 'fake',
    clockNs: () => Math.floor((performance.now() * 1e6) / clockStepNs) * clockStepNs,
    environment: async () => ({
      ...cpuFacts(),
      runtime: 'fake',
      runtimeVersion: '1',
      libraryDigest: '',
      threads: choice.threads,
      dtype: choice.dtype ?? 'float32',
      channelStep: options.channelStep ?? FAKE_DEFAULTS.channelStep,
      flags: formulaFlags(options),
    }),
    opProbe: (key) => {
      dieWithFile(options.dyingFile);
      return [term(`op:${key}`, fakeOpNs(decodeOpKey(key), options))];
    },
    networkProbe: (network, networkHash) => [term(`network:${networkHash}`, fakeNetworkNs(network, options))],
    close: async () => undefined,
  };
}

/**
 * Constants of the formula that were chosen: another formula is another environment; noise, level and rules are not.
 * `durations` says whether anything was timed: computed ones owe nothing to what else the machine does.
 */
function formulaFlags(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const names = ['opFixedNs', 'macsPerNs', 'elementsPerNs', 'networkFactor', 'networkOverheadNs'];
  const chosen = names.filter((name) => options[name] !== undefined);
  return {
    durations: options.spend === true ? 'spent' : 'computed',
    ...Object.fromEntries(chosen.map((name) => [name, String(options[name])])),
  };
}

function dieWithFile(file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return;
  rmSync(file);
  process.abort();
}

function matches(pattern: FakeRule['match'], graphId: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(graphId);
}
