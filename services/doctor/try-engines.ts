import type { Finding } from '../../contracts/doctor.js';
import type { DTypeName, RuntimeName } from '../../contracts/environment.js';
import { DEFAULT_PROTOCOL, type MeasurementPlan, type SessionReport } from '../../contracts/measurement.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { Cores } from '../worker/format-cores.js';
import { superviseSession } from '../worker/measure/supervise-session.js';

interface Engine {
  readonly runtime: RuntimeName;
  readonly dtype: DTypeName;
  /** What to do when it does not run. */
  readonly mend: string;
}

const ENGINES: readonly Engine[] = [
  { runtime: 'onnxruntime', dtype: 'float32', mend: 'npm ci' },
  { runtime: 'onnxruntime', dtype: 'int8', mend: 'npm ci' },
  { runtime: 'tfjs-wasm', dtype: 'float32', mend: 'npm ci' },
  {
    runtime: 'tfjs-node',
    dtype: 'float32',
    mend: 'npm run tfjs-node builds the library, and says what it needs',
  },
];

const network = buildZooNetwork('mobilenet-v3-tiny', {});
const networkHash = contentHash(network);

/** Has each engine run a small network as a measurement would: in a pinned child process, which is gone afterwards. */
export async function tryEngines(cores: Cores | null, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  // One after the other: they share a core.
  for (const engine of ENGINES) findings.push(await tryEngine(engine, cores, signal));
  return findings;
}

async function tryEngine(
  { runtime, dtype, mend }: Engine,
  cores: Cores | null,
  signal: AbortSignal,
): Promise<Finding> {
  const name = dtype === 'float32' ? runtime : `${runtime} ${dtype}`;
  try {
    const report = await superviseSession(planFor(runtime, dtype), { cores, signal });
    const [failure] = report.failures;
    if (failure !== undefined) return { name, state: 'fail', detail: failure.message, mend };
    return { name, state: 'pass', detail: describe(report) };
  } catch (error) {
    if (signal.aborted) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    // Of how the child died only what it said.
    return { name, state: 'fail', detail: detail.replace(/^exit code \d+: (\w*Error: )?/, ''), mend };
  }
}

function planFor(runtime: RuntimeName, dtype: DTypeName): MeasurementPlan {
  return {
    runtime,
    threads: 1,
    dtype,
    seed: 1,
    subjects: [{ kind: 'network', id: 'small', networkHash, network }],
    protocol: { ...DEFAULT_PROTOCOL, minVisits: 5, maxVisits: 8 },
  };
}

function describe({ environment, probes, terms }: SessionReport): string {
  const byId = new Map(probes.map((probe) => [probe.graphId, probe]));
  const { latencyNs } = summarizeSubject(terms[0]!.terms, byId);
  const { runtimeVersion, flags } = environment;
  const tensorflow = flags.tensorflow === undefined ? '' : ` on TensorFlow ${flags.tensorflow}`;
  const simd = flags.simd === 'false' ? ', without SIMD' : '';
  return `${runtimeVersion}${tensorflow}${simd}; ${network.name} takes ${(latencyNs / 1e3).toFixed(0)} µs`;
}
