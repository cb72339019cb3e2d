import { DEFAULT_PROTOCOL, type SessionReport, type Subject } from '../contracts/measurement.js';
import { fidelityOf } from '../core/latency/fidelity.js';
import { LatencyTable, type TableEntry } from '../core/latency/latency-table.js';
import { anchorNetwork } from '../core/measurement/anchor.js';
import { judgeSession, probesWithCauses } from '../core/measurement/judge-session.js';
import { type SubjectSummary, summarizeSubject } from '../core/measurement/summarize-subject.js';
import { contentHash } from '../core/network/content-hash.js';
import { countMacs } from '../core/network/macs.js';
import type { Network } from '../core/network/network.js';
import { fuse } from '../core/ops/fuse.js';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import { superviseSession } from '../services/worker/measure/supervise-session.js';
import { type BenchLine, judged } from './bench-line.js';
import { randomV3 } from './random-v3.js';

const CALIBRATION_NETWORKS = 6;
const HELD_OUT_NETWORKS = 20;
const RESOLUTION = 96;
const OPS_PER_SESSION = 64;
const CORE = 0;

interface Measured {
  readonly hash: string;
  readonly opKeys: readonly string[];
  readonly macs: number;
  /** One figure a session, normalised by the session's anchor. */
  readonly latenciesNs: number[];
}

/**
 * Calibrates a table on six random networks and estimates twenty others, all of MobileNetV3-Small's shape at 96 pixels,
 * as the product does it: ops are measured when a network first needs them, in sessions of at most 64, each session in
 * a process of its own; then every network once more.
 */
export async function* benchFidelity(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  const device = new BenchDevice();
  const networks = Array.from({ length: CALIBRATION_NETWORKS + HELD_OUT_NETWORKS }, (_, i) =>
    randomV3(i + 1, RESOLUTION),
  );
  const measured = networks.map(
    (network): Measured => ({
      hash: contentHash(network),
      opKeys: fuse(network).map(({ key }) => key),
      macs: countMacs(network),
      latenciesNs: [],
    }),
  );
  for (const repetition of [0, 1]) {
    for (const [index, network] of networks.entries()) {
      const target = measured[index]!;
      for (let missing = device.missing(target.opKeys); ; missing = device.missing(target.opKeys)) {
        const latencyNs = await device.session(network, missing.slice(0, OPS_PER_SESSION));
        target.latenciesNs[repetition] ??= latencyNs;
        if (missing.length <= OPS_PER_SESSION) break;
      }
    }
  }
  yield* report(device, measured);
}

function* report(device: BenchDevice, measured: readonly Measured[]): Iterable<BenchLine> {
  const bench = 'fidelity';
  const calibration = measured.slice(0, CALIBRATION_NETWORKS);
  const heldOut = measured.slice(CALIBRATION_NETWORKS);
  const table = device.table(calibration);
  const pairs = heldOut.map(({ opKeys, latenciesNs }) => ({
    estimate: table.calibration.scale * table.sumNs(opKeys)!,
    measured: mean(latenciesNs),
  }));
  const fidelity = fidelityOf(pairs)!;
  const detail = {
    heldOut: heldOut.length,
    calibration: calibration.length,
    resolution: RESOLUTION,
    scale: rounded(table.calibration.scale, 4),
    kendallTau: fidelity.kendallTau,
    within5Percent: fidelity.within5Percent,
  };
  const percent = (share: number) => rounded(share * 100, 2);
  yield judged({
    bench,
    metric: 'estimate against measurement, mean absolute error',
    value: percent(fidelity.meanAbsoluteError),
    unit: '%',
    goal: { atMost: 3 },
    detail,
  });
  yield judged({
    bench,
    metric: 'estimate against measurement, largest error',
    value: percent(fidelity.maxAbsoluteError),
    unit: '%',
    goal: { atMost: 10 },
  });
  yield { bench, metric: 'same networks measured twice, mean deviation', ...repeatability(measured) };
  yield {
    bench,
    metric: 'scaled MACs against measurement, mean absolute error',
    value: percent(errorOfMacs(calibration, heldOut)),
    unit: '%',
  };
  yield judged({
    bench,
    metric: 'timed visits an op, graphs around it included',
    value: rounded(device.timedMs / device.size, 2),
    unit: 'ms',
    goal: { atMost: 30 },
    detail: { ops: device.size, sessions: device.sessions, networksAndAnchorsIncluded: true },
  });
  yield {
    bench,
    metric: 'wall time an op, processes, opening and networks included',
    value: rounded(device.wallMs / device.size, 1),
    unit: 'ms',
  };
}

/** This machine's onnxruntime as a device, with the table that its sessions fill. */
class BenchDevice {
  timedMs = 0;
  wallMs = 0;
  sessions = 0;
  private readonly entries = new Map<string, TableEntry>();
  private readonly anchor = anchorNetwork();
  private anchorBaselineNs: number | null = null;

  get size(): number {
    return this.entries.size;
  }

  missing(opKeys: readonly string[]): string[] {
    return [...new Set(opKeys)].filter((key) => !this.entries.has(key));
  }

  table(observed: readonly Measured[]): LatencyTable {
    return new LatencyTable({
      device: 'bench',
      environmentHash: '',
      channelStep: 1,
      entries: this.entries.values(),
      observations: observed.map(({ hash, opKeys, latenciesNs }) => ({
        networkHash: hash,
        opKeys,
        latencyNs: mean(latenciesNs),
      })),
    });
  }

  /** Measures a network and some ops in one session. @returns the network's latency, anchored */
  async session(network: Network, opKeys: readonly string[]): Promise<number> {
    const startMs = performance.now();
    const report = await superviseSession(
      {
        runtime: 'onnxruntime',
        threads: 1,
        seed: this.sessions++,
        subjects: [
          networkSubject('anchor', this.anchor),
          networkSubject('network', network),
          ...opKeys.map((key): Subject => ({ kind: 'op', id: key, key })),
        ],
        protocol: DEFAULT_PROTOCOL,
      },
      { cores: [CORE], signal: new AbortController().signal },
    );
    this.wallMs += performance.now() - startMs;
    this.timedMs += Number(report.observations.timedMs);
    return this.take(report);
  }

  private take(report: SessionReport): number {
    const { anchorFactor } = judgeSession(
      report,
      this.anchorBaselineNs === null ? null : { anchorNs: this.anchorBaselineNs, chunkNs: null },
    );
    const probes = probesWithCauses(report);
    const summaries = new Map(
      report.terms.map(({ subjectId, terms }): [string, SubjectSummary] => [
        subjectId,
        summarizeSubject(terms, probes),
      ]),
    );
    this.anchorBaselineNs ??= summaries.get('anchor')!.latencyNs;
    for (const { kind, id } of report.subjects) {
      if (kind !== 'op') continue;
      const { latencyNs, lowNs, highNs, sampleCount } = summaries.get(id)!;
      this.entries.set(id, {
        key: id,
        latencyNs: latencyNs / anchorFactor,
        lowNs: lowNs / anchorFactor,
        highNs: highNs / anchorFactor,
        source: 'measured',
        samples: sampleCount,
        measuredAtMs: report.endedAtMs,
      });
    }
    return summaries.get('network')!.latencyNs / anchorFactor;
  }
}

function networkSubject(kind: 'anchor' | 'network', network: Network): Subject {
  return { kind, id: kind, networkHash: contentHash(network), network };
}

function repeatability(measured: readonly Measured[]) {
  const deviations = measured.map(({ latenciesNs: [first, second] }) => Math.abs(first! / second! - 1));
  return {
    value: rounded(mean(deviations) * 100, 2),
    unit: '%',
    detail: {
      largestPercent: rounded(Math.max(...deviations) * 100, 2),
      networks: measured.length,
      fastestMs: rounded(Math.min(...measured.map(({ latenciesNs }) => mean(latenciesNs))) / 1e6, 4),
      slowestMs: rounded(Math.max(...measured.map(({ latenciesNs }) => mean(latenciesNs))) / 1e6, 4),
    },
  };
}

/** What a table must beat: latency proportional to multiply-accumulates. */
function errorOfMacs(calibration: readonly Measured[], heldOut: readonly Measured[]): number {
  const nsPerMac = mean(calibration.map(({ macs, latenciesNs }) => mean(latenciesNs) / macs));
  return mean(heldOut.map(({ macs, latenciesNs }) => Math.abs((nsPerMac * macs) / mean(latenciesNs) - 1)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
