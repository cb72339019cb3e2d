import {
  DEFAULT_PROTOCOL,
  type Protocol,
  type SessionReport,
  type Subject,
} from '../../contracts/measurement.js';
import type { TableEntry } from '../../core/latency/latency-table.js';
import type { MemoryCurve } from '../../core/latency/memory-curve.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { hostCache } from '../../core/measurement/checks/cache-check.js';
import {
  judgeSession,
  probesWithCauses,
  readingsBaseline,
  type SessionBaseline,
} from '../../core/measurement/judge-session.js';
import { opLevel } from '../../core/measurement/op-level.js';
import { type SubjectSummary, summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import type { Cores } from '../../services/worker/format-cores.js';
import { superviseSession } from '../../services/worker/measure/supervise-session.js';
import type { FidelitySetting } from './setting.js';

/** Every other session the memory curve is read, about as often as a server asks for it: neighbours on the host move it. */
const CURVE_EVERY = 2;
/** As often as a server tries a job whose session was rejected; the last one counts here all the same. */
const ATTEMPTS = 3;

/** One summary of a subject, at the level of the first session's anchor. */
export interface Measured {
  readonly subject: Subject;
  readonly entry: Omit<TableEntry, 'key' | 'source'>;
}

/** Sessions of one runtime on this machine, joined by their anchors as the product joins them. */
export class MeasuredSessions {
  readonly curves: MemoryCurve[] = [];
  readonly anchorsNs: number[] = [];
  readonly cacheNsPerByte: (number | null)[] = [];
  /** That were rejected. */
  rejected = 0;
  private baseline: SessionBaseline | null = null;
  readonly opCost = { measurements: 0, timedMs: 0, openingMs: 0 };
  private readonly anchor = anchorNetwork();

  constructor(
    private readonly setting: FidelitySetting,
    private readonly cores: Cores,
  ) {}

  /**
   * Rejected sessions are held again, as the product does.
   * @throws Error when something could not be measured: a judgement on the rest would flatter
   */
  async hold(
    networks: readonly Network[],
    opKeys: readonly string[],
    protocol: Protocol = DEFAULT_PROTOCOL,
  ): Promise<readonly Measured[]> {
    for (let attempt = 1; ; attempt++) {
      const report = await this.session(networks, opKeys, protocol);
      const { verdict } = judgeSession(report, this.baseline);
      if (verdict === 'rejected') this.rejected++;
      if (verdict === 'rejected' && attempt < ATTEMPTS) continue;
      this.curves.push(...(report.hostProbes ?? []).map(({ data }) => data));
      this.addCost(report, opKeys.length);
      this.cacheNsPerByte.push(hostCache([report.observations])?.usualNsPerByte ?? null);
      return this.summaries(report);
    }
  }

  private async session(
    networks: readonly Network[],
    opKeys: readonly string[],
    protocol: Protocol,
  ): Promise<SessionReport> {
    const { runtime, threads, dtype, target } = this.setting;
    const count = this.anchorsNs.length;
    const report = await superviseSession(
      {
        runtime,
        threads,
        dtype,
        seed: count,
        subjects: [
          { ...subjectOf(this.anchor), kind: 'anchor' },
          ...networks.map((network) => ({ ...subjectOf(network), kind: 'network' as const, target })),
          ...opKeys.map((key): Subject => ({ kind: 'op', id: key, key })),
        ],
        protocol,
        hostProbes: count % CURVE_EVERY === 0 ? ['memory-curve'] : [],
      },
      { cores: this.cores, signal: new AbortController().signal },
    );
    const [failure] = report.failures;
    if (failure !== undefined) throw new Error(`${failure.subjectId}: ${failure.kind}, ${failure.message}`);
    return report;
  }

  private summaries(report: SessionReport): readonly Measured[] {
    const probes = probesWithCauses(report);
    const summaries = new Map<string, SubjectSummary>();
    for (const { subjectId, terms } of report.terms)
      summaries.set(subjectId, summarizeSubject(terms, probes));
    const anchor = report.subjects.find(({ kind }) => kind === 'anchor')!;
    const anchorNs = summaries.get(anchor.id)!.latencyNs;
    this.baseline ??= { anchorNs, ...readingsBaseline(report.observations) };
    const factor = anchorNs / this.baseline.anchorNs;
    this.anchorsNs.push(anchorNs);
    return report.subjects.map((subject) => {
      const { latencyNs, lowNs, highNs, sampleCount } = summaries.get(subject.id)!;
      const level = subject.kind === 'op' ? opLevel(factor) : factor;
      return {
        subject,
        entry: {
          latencyNs: latencyNs / level,
          lowNs: lowNs / level,
          highNs: highNs / level,
          samples: sampleCount,
          measuredAtMs: report.endedAtMs,
        },
      };
    });
  }

  /** Of the graphs that are neither networks nor anchors. */
  private addCost({ probes }: SessionReport, measurements: number): void {
    const ofOps = probes.filter(({ graphId }) => !/^(cold:)?network:/.test(graphId));
    this.opCost.measurements += measurements;
    for (const { visitsNs, openings = [] } of ofOps) {
      const { runsPerSample = 1 } = openings[0] ?? {};
      this.opCost.timedMs += (runsPerSample * visitsNs.flat().reduce((sum, ns) => sum + ns, 0)) / 1e6;
      for (const { openNs, firstNs, warmUpNs } of openings)
        this.opCost.openingMs += (openNs + firstNs + warmUpNs) / 1e6;
    }
  }
}

function subjectOf(network: Network) {
  const networkHash = contentHash(network);
  return { id: `network:${networkHash}`, networkHash, network };
}
