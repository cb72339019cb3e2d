import type { Environment } from '../../contracts/environment.js';
import {
  DEFAULT_PROTOCOL,
  type HostProbe,
  type Opening,
  type ProbeSamples,
  type SessionReport,
  type Subject,
  type SubjectFailure,
  type TimingTarget,
} from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';

export const ENVIRONMENT: Environment = {
  cpuModel: 'Example CPU 3.0',
  isa: ['avx2', 'avx512f'],
  arch: 'x64',
  os: '6.1',
  runtime: 'fake',
  runtimeVersion: '1.0.0',
  libraryDigest: '',
  threads: 1,
  dtype: 'float32',
  pinned: true,
  channelStep: 16,
  flags: {},
};

/** What a supervisor sees of a quiet, pinned session: leads to `trusted`. */
export const QUIET = {
  cpuRequested: 0,
  affinityBefore: '0',
  affinityAfter: '0',
  loadBefore: 0.1,
  loadAfter: 0.2,
  coreCount: 2,
  involuntarySwitches: 3,
  timedMs: 1000,
};

/** No affinity asked for: a warning, which leads to `usable`. */
export const UNPINNED = {
  loadBefore: 0.1,
  loadAfter: 0.2,
  coreCount: 2,
  involuntarySwitches: 3,
  timedMs: 1000,
};

/** Moved to another core in the middle: leads to `rejected`. */
export const MOVED = { ...QUIET, affinityAfter: '1' };

export interface SessionPlan {
  /** Latency of each op, by key. Every sample takes exactly that long. */
  readonly ops?: Readonly<Record<string, number>>;
  readonly networks?: readonly {
    readonly network: Network;
    readonly latencyNs: number;
    readonly target?: TimingTarget;
  }[];
  /** Null: a session without an anchor. */
  readonly anchorNs?: number | null;
  readonly failures?: readonly SubjectFailure[];
  readonly observations?: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
  readonly endedAtMs?: number;
  readonly hostProbes?: readonly HostProbe[];
}

const VISITS = 8;
const SAMPLES_PER_VISIT = 10;

/** A session in which every run of a graph took exactly as long as the plan says. */
export function sessionReport(plan: SessionPlan): SessionReport {
  const subjects: Subject[] = [];
  const probes: ProbeSamples[] = [];
  const measure = (subject: Subject, graphId: string, latencyNs: number) => {
    subjects.push(subject);
    probes.push(constantProbe(graphId, latencyNs));
  };
  const { anchorNs = 300_000, endedAtMs = 1_750_000_060_000 } = plan;
  if (anchorNs !== null) {
    const network = anchorNetwork();
    const networkHash = contentHash(network);
    measure({ kind: 'anchor', id: 'anchor', networkHash, network }, `network:${networkHash}`, anchorNs);
  }
  for (const { network, latencyNs, target } of plan.networks ?? []) {
    const networkHash = contentHash(network);
    const id = `network:${networkHash}`;
    measure(
      { kind: 'network', id, networkHash, network, ...(target === undefined ? {} : { target }) },
      id,
      latencyNs,
    );
  }
  for (const [key, latencyNs] of Object.entries(plan.ops ?? {})) {
    measure({ kind: 'op', id: `op:${key}`, key }, `op:${key}`, latencyNs);
  }
  return {
    environment: plan.environment ?? ENVIRONMENT,
    startedAtMs: endedAtMs - 60_000,
    endedAtMs,
    plan: { seed: 7, protocol: DEFAULT_PROTOCOL },
    observations: { ...(plan.observations ?? QUIET) },
    probes,
    subjects,
    terms: subjects.map(({ id }, i) => ({
      subjectId: id,
      terms: [{ graphId: probes[i]!.graphId, coefficient: 1 }],
    })),
    failures: [...(plan.failures ?? [])],
    ...(plan.hostProbes === undefined ? {} : { hostProbes: [...plan.hostProbes] }),
  };
}

export function constantProbe(graphId: string, latencyNs: number): ProbeSamples {
  return {
    graphId,
    openNs: 2_000_000,
    firstNs: 9 * latencyNs,
    visitsNs: Array.from({ length: VISITS }, () => Array<number>(SAMPLES_PER_VISIT).fill(latencyNs)),
    visitWaitShare: Array<number>(VISITS).fill(0),
  };
}

/** One process's way to its steady state, with so many visits after it. */
export function opening(visits: number): Opening {
  return { visits, openNs: 1e6, firstNs: 1e5, warmUpRuns: 10, warmUpNs: 1e6, steady: true, runsPerSample: 1 };
}
