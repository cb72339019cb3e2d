import {
  DEFAULT_PROTOCOL,
  type Protocol,
  type SessionReport,
  type Subject,
} from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { hostCache, USUAL_OVER_SESSIONS } from '../../core/measurement/checks/cache-check.js';
import { readingsBaseline, type SessionBaseline } from '../../core/measurement/judge-session.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import type { DType } from '../../core/ops/op.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { type JudgedReport, judgeReport } from '../../db/session/judge-report.js';
import { superviseSession } from '../../services/worker/measure/supervise-session.js';

/** The core that is measured on, and disturbed. */
export const CORE = 0;

export const NETWORK = buildZooNetwork('mobilenet-v3-small', {
  width: 0.75,
  resolution: 96,
  inputChannels: 3,
  classes: 10,
});

export function networkSubject(network: Network, id = 'network', copy?: 'a' | 'b'): Subject {
  const side = copy === undefined ? {} : { copy };
  return { kind: 'network', id, networkHash: contentHash(network), network, ...side };
}

export function anchorSubject(): Subject {
  const network = anchorNetwork();
  return { kind: 'anchor', id: 'anchor', networkHash: contentHash(network), network };
}

export interface HeldSession {
  readonly protocol?: Protocol;
  readonly runtime?: string;
  readonly runtimeOptions?: Record<string, unknown>;
  readonly dtype?: DType;
}

/** A session on the measured core, in processes of its own. */
export function holdSession(
  subjects: readonly Subject[],
  seed: number,
  { protocol = DEFAULT_PROTOCOL, runtime = 'onnxruntime', ...others }: HeldSession = {},
): Promise<SessionReport> {
  return superviseSession(
    { runtime, threads: 1, seed, subjects: [...subjects], protocol, ...others },
    { cores: [CORE], signal: new AbortController().signal },
  );
}

/** The latency of a session's network as timed, in nanoseconds. */
export function readNetwork(report: SessionReport): number {
  const outcome = judgeReport(report, null).outcomes.find(({ subject }) => subject.kind === 'network')!;
  return outcome.summary!.latencyNs;
}

export interface Reading {
  /** The network's latency at the level of the baseline; null where the session yields none. */
  readonly latencyNs: number | null;
  /** Whether the verdict warns of it. */
  readonly isFlagged: boolean;
  readonly reasons: readonly string[];
}

/** What the product says of the network of a session, judged against the sessions of the series before it. */
export class Series {
  private baseline: SessionBaseline | null = null;
  private readonly observations: SessionReport['observations'][] = [];

  read(report: SessionReport): Reading {
    const judged = judgeReport(report, this.baseline);
    this.observations.push(report.observations);
    this.baseline = {
      ...(this.baseline ?? { anchorNs: anchorOf(judged), ...readingsBaseline(report.observations) }),
      hostCache: hostCache(this.observations.slice(-USUAL_OVER_SESSIONS)),
    };
    const outcome = judged.outcomes.find(({ subject }) => subject.kind === 'network')!;
    return {
      latencyNs: outcome.summary === null ? null : outcome.summary.latencyNs / judged.anchorFactor,
      isFlagged: outcome.verdict !== 'trusted',
      reasons: outcome.reasons,
    };
  }
}

function anchorOf({ outcomes }: JudgedReport): number {
  return outcomes.find(({ subject }) => subject.kind === 'anchor')!.summary!.latencyNs;
}

export function percent(share: number): number {
  return Number((share * 100).toFixed(2));
}
