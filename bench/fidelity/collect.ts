import { DEFAULT_PROTOCOL, type SessionReport, type Subject } from '../../contracts/measurement.js';
import type { TableEntry } from '../../core/latency/latency-table.js';
import type { MemoryCurve } from '../../core/latency/memory-curve.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import { countMacs } from '../../core/network/macs.js';
import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import { seededRng, shuffle } from '../../core/random.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import { superviseSession } from '../../services/worker/measure/supervise-session.js';

/** A network as measured whole, in several sessions. */
export interface MeasuredNetwork {
  readonly family: string;
  readonly resolution: number;
  readonly hash: string;
  readonly opKeys: readonly string[];
  readonly macs: number;
  /** One figure a session, at the level of the first session's anchor. */
  readonly latenciesNs: readonly number[];
}

/** Everything that the judgement of a table needs: it can be judged again without measuring again. */
export interface Collected {
  readonly networks: readonly MeasuredNetwork[];
  readonly entries: readonly TableEntry[];
  readonly curves: readonly MemoryCurve[];
  readonly sessions: number;
  /** Visits of everything, opening apart. */
  readonly timedMs: number;
  readonly wallMs: number;
}

export interface FamilyDraw {
  readonly family: string;
  readonly resolution: number;
  readonly networks: number;
}

const OPS_PER_SESSION = 64;
const NETWORKS_PER_SESSION = 9;

/**
 * Measures all ops of random networks once and the networks themselves again and again, ops and networks of all families
 * mixed at random in sessions of at most 64 ops, each session in a process of its own, as the product does it.
 * @param core to measure on
 */
export async function collect(draws: readonly FamilyDraw[], core: number, seed: number): Promise<Collected> {
  const rng = seededRng(seed);
  const networks = draws.flatMap(({ family, resolution, networks: count }) =>
    Array.from({ length: count }, (_, i) => drawn(family, resolution, i + 1)),
  );
  const keys = shuffle([...new Set(networks.flatMap(({ opKeys }) => opKeys))], rng);
  const session = new Sessions(core);
  let waiting: (typeof networks)[number][] = [];
  for (let from = 0; from < keys.length; from += OPS_PER_SESSION) {
    if (waiting.length < NETWORKS_PER_SESSION) waiting = [...waiting, ...shuffle([...networks], rng)];
    const whole = new Set(waiting.splice(0, NETWORKS_PER_SESSION));
    await session.hold(
      [...whole].map(({ network }) => network),
      keys.slice(from, from + OPS_PER_SESSION),
    );
  }
  return {
    ...session.totals(),
    networks: networks.map(({ network: _, ...facts }) => ({
      ...facts,
      latenciesNs: session.latencies.get(facts.hash) ?? [],
    })),
  };
}

function drawn(family: string, resolution: number, seed: number) {
  const network = randomNetwork(family, { resolution }, seed);
  return {
    family,
    resolution,
    network,
    hash: contentHash(network),
    opKeys: fuse(network).map(({ key }) => key),
    macs: countMacs(network),
  };
}

/** This machine's onnxruntime, and what its sessions yield. */
class Sessions {
  readonly latencies = new Map<string, number[]>();
  private readonly entries: TableEntry[] = [];
  private readonly curves: MemoryCurve[] = [];
  private readonly anchor = anchorNetwork();
  private anchorNs: number | null = null;
  private count = 0;
  private timedMs = 0;
  private wallMs = 0;

  constructor(private readonly core: number) {}

  totals(): Omit<Collected, 'networks'> {
    const { entries, curves, count: sessions, timedMs, wallMs } = this;
    return { entries, curves, sessions, timedMs, wallMs };
  }

  async hold(networks: readonly Network[], opKeys: readonly string[]): Promise<void> {
    const startMs = performance.now();
    const subject = (kind: 'anchor' | 'network', network: Network): Subject => {
      const networkHash = contentHash(network);
      return { kind, id: `${kind}:${networkHash}`, networkHash, network };
    };
    const report = await superviseSession(
      {
        runtime: 'onnxruntime',
        threads: 1,
        seed: this.count++,
        subjects: [
          subject('anchor', this.anchor),
          ...networks.map((network) => subject('network', network)),
          ...opKeys.map((key): Subject => ({ kind: 'op', id: key, key })),
        ],
        protocol: DEFAULT_PROTOCOL,
        // Every few sessions: neighbours on the host move the curve.
        hostProbes: this.count % 6 === 1 ? ['memory-curve'] : [],
      },
      { cores: [this.core], signal: new AbortController().signal },
    );
    this.wallMs += performance.now() - startMs;
    this.take(report);
  }

  private take(report: SessionReport): void {
    const probes = new Map(report.probes.map((probe) => [probe.graphId, probe]));
    const summaryOf = new Map(
      report.terms.map(({ subjectId, terms }) => [subjectId, summarizeSubject(terms, probes)]),
    );
    const factor = anchorFactor(report, summaryOf, this.anchorNs);
    for (const subject of report.subjects) {
      const summary = summaryOf.get(subject.id);
      if (summary === undefined) continue;
      const { latencyNs, lowNs, highNs, sampleCount } = summary;
      if (subject.kind === 'anchor') this.anchorNs ??= latencyNs;
      if (subject.kind === 'network') {
        const known = this.latencies.get(subject.networkHash) ?? [];
        this.latencies.set(subject.networkHash, [...known, latencyNs / factor]);
      }
      if (subject.kind !== 'op') continue;
      this.entries.push({
        key: subject.key,
        latencyNs: latencyNs / factor,
        lowNs: lowNs / factor,
        highNs: highNs / factor,
        source: 'measured',
        samples: sampleCount,
        measuredAtMs: report.endedAtMs,
      });
    }
    this.curves.push(...(report.hostProbes ?? []).map(({ data }) => data));
    this.timedMs += timedMs(report);
  }
}

function anchorFactor(
  { subjects }: SessionReport,
  summaryOf: ReadonlyMap<string, { readonly latencyNs: number }>,
  baselineNs: number | null,
): number {
  const anchor = subjects.find(({ kind }) => kind === 'anchor')!;
  return baselineNs === null ? 1 : summaryOf.get(anchor.id)!.latencyNs / baselineNs;
}

/** Runs that were timed, whatever the processes did between them. */
function timedMs({ probes }: SessionReport): number {
  return (
    probes.reduce((sum, { visitsNs }) => sum + visitsNs.flat().reduce((all, ns) => all + ns, 0), 0) / 1e6
  );
}
