import { REFERENCE_PROTOCOL } from '../../contracts/measurement.js';
import type { TableEntry } from '../../core/latency/latency-table.js';
import { median } from '../../core/measurement/quantile.js';
import { contentHash } from '../../core/network/content-hash.js';
import { countMacs } from '../../core/network/macs.js';
import { fuse } from '../../core/ops/fuse.js';
import { type Rng, seededRng, shuffle } from '../../core/random.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import type { Cores } from '../../services/worker/format-cores.js';
import type { Collected } from './collected.js';
import { isolatedOps } from './isolated-ops.js';
import { type Measured, MeasuredSessions } from './measured-sessions.js';
import type { FidelitySetting } from './setting.js';

const OPS_PER_SESSION = 96;
/** Networks of a wave, at least: their ops fill two sessions or so. */
const NETWORKS_PER_WAVE = 6;
/** What one session of references takes. */
const REFERENCE_MS = 45_000;

/**
 * Measures random networks: all that there will be time for again and again over all sessions, so that the host's state of
 * some minutes is nobody's own, and their ops once, in waves, each those of networks of every family and size. Ops and
 * networks are mixed at random in sessions of at most 96 ops, each session in a process of its own, as the product does it.
 * The ops of some networks are measured twice: the second time spread over the sessions of later waves, as a table's ops
 * are over its sessions. At the end some networks are measured by the reference protocol.
 * @param cores to measure on, as many as the setting has threads
 * @param limitMs no session begins that would likely end later; networks whose ops are not all known are left out
 */
export async function collect(
  setting: FidelitySetting,
  cores: Cores,
  seed: number,
  limitMs: number,
): Promise<Collected> {
  const startMs = performance.now();
  const rng = seededRng(seed);
  const drawn = drawNetworks(setting);
  const sessions = new MeasuredSessions(setting, cores);
  const found = new Found();
  const opsMs = limitMs - setting.references * REFERENCE_MS;
  const planned = plannedSessions(drawn, rng);
  for (const [held, { keys }] of planned.entries()) {
    const spentMs = performance.now() - startMs;
    const sessionMs = spentMs / Math.max(1, held);
    if (spentMs + sessionMs > opsMs) break;
    // Networks whose ops will all be known by the end, as it looks now.
    const inTime = held === 0 ? 0 : lastWave(planned.slice(0, Math.floor(opsMs / sessionMs)), planned);
    const likely = drawn.filter(({ wave }) => wave <= inTime);
    const whole = found.leastMeasured(likely, setting.networksPerSession, rng);
    const measured = await sessions.hold(
      whole.map(({ network }) => network),
      keys,
    );
    found.take(measured);
    if (setting.isolated) found.takeIsolated(await isolatedOps(keys, cores));
  }
  const complete = drawn.filter(found.isComplete);
  const references = await referencesOf(setting, complete, sessions);
  const { anchorsNs, cacheNsPerByte, curves, opCost } = sessions;
  return {
    target: setting.target,
    ...found.ofOps(),
    networks: complete.map(({ network: _, ...facts }) => {
      const figures = found.latencies.get(facts.hash) ?? [];
      return {
        ...facts,
        latenciesNs: figures.map(([latencyNs]) => latencyNs),
        sessions: figures.map(([, session]) => session),
        referenceNs: references.get(facts.hash) ?? null,
      };
    }),
    curves,
    anchorsNs,
    cacheNsPerByte,
    rejected: sessions.rejected,
    opCost,
    wallMs: performance.now() - startMs,
  };
}

type Drawn = ReturnType<typeof drawNetworks>[number];

function drawNetworks({ draws, dtype }: FidelitySetting) {
  const perDraw = Math.ceil(NETWORKS_PER_WAVE / draws.length);
  return draws.flatMap(({ family, resolution, networks }) =>
    Array.from({ length: networks }, (_, place) => {
      // Networks of one family at several sizes are no relatives: each has a draw of its own.
      const network = randomNetwork(family, { resolution }, 1000 * resolution + place);
      return {
        family,
        resolution,
        place,
        wave: Math.floor(place / perDraw),
        network,
        hash: contentHash(network),
        opKeys: fuse(network, dtype).map(({ key }) => key),
        macs: countMacs(network),
      };
    }),
  );
}

interface PlannedSession {
  readonly keys: readonly string[];
  readonly wave: number;
}

function plannedSessions(drawn: readonly Drawn[], rng: Rng): readonly PlannedSession[] {
  const waves = 1 + Math.max(...drawn.map(({ wave }) => wave));
  const known = new Set<string>();
  const again = shuffle([...keysAgain(drawn)], rng);
  const againPerWave = Math.ceil(again.length / Math.max(1, waves - 1));
  return Array.from({ length: waves }, (_, number) => {
    const ofWave = drawn.filter(({ wave }) => wave === number).flatMap(({ opKeys }) => opKeys);
    const keys = [...new Set(ofWave)].filter((key) => !known.has(key));
    for (const key of keys) known.add(key);
    if (number > 0) keys.push(...again.splice(0, againPerWave));
    return batches(shuffle(keys, rng)).map((batch) => ({ keys: batch, wave: number }));
  }).flat();
}

/** The last wave whose sessions are all among the first ones; 0 where none is. */
function lastWave(first: readonly PlannedSession[], planned: readonly PlannedSession[]): number {
  const next = planned[first.length];
  return Math.max(0, next === undefined ? planned.at(-1)!.wave : next.wave - 1);
}

/** The ops of one network of every family and size, of the first wave. */
function keysAgain(drawn: readonly Drawn[]): readonly string[] {
  return [...new Set(drawn.filter(({ place }) => place === 0).flatMap(({ opKeys }) => opKeys))];
}

/** Of nearly equal sizes. */
function batches(keys: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(keys.length / OPS_PER_SESSION);
  const size = Math.ceil(keys.length / count);
  return Array.from({ length: count }, (_, i) => keys.slice(i * size, (i + 1) * size));
}

/** One network of each draw a session, those that calibrate a common table apart: three processes and 40 seconds for each. */
async function referencesOf(
  { references }: FidelitySetting,
  drawn: readonly Drawn[],
  sessions: MeasuredSessions,
): Promise<ReadonlyMap<string, number>> {
  const referenceNs = new Map<string, number>();
  for (let session = 0; session < references; session++) {
    const networks = drawn.filter(({ place }) => place === session + 1).map(({ network }) => network);
    if (networks.length === 0) break;
    for (const { subject, entry } of await sessions.hold(networks, [], REFERENCE_PROTOCOL)) {
      if (subject.kind === 'network') referenceNs.set(subject.networkHash, entry.latencyNs);
    }
  }
  return referenceNs;
}

/** What sessions yielded, by op and network. */
class Found {
  readonly latencies = new Map<string, (readonly [latencyNs: number, session: number])[]>();
  private session = 0;
  private readonly entries = new Map<string, TableEntry>();
  private readonly secondNs: Record<string, number> = {};
  private readonly isolatedNs = new Map<string, number[]>();

  take(measured: readonly Measured[]): void {
    for (const { subject, entry } of measured) {
      if (subject.kind === 'network')
        append(this.latencies, subject.networkHash, [entry.latencyNs, this.session]);
      if (subject.kind !== 'op') continue;
      const { key } = subject;
      if (this.entries.has(key)) this.secondNs[key] = entry.latencyNs;
      else this.entries.set(key, { key, source: 'measured', ...entry });
    }
    this.session++;
  }

  readonly isComplete = ({ hash, opKeys }: Drawn): boolean =>
    this.latencies.has(hash) && opKeys.every((key) => this.entries.has(key));

  /** Those that were measured least so far; which of equals is left to chance. */
  leastMeasured(networks: readonly Drawn[], count: number, rng: Rng): readonly Drawn[] {
    const times = ({ hash }: Drawn) => this.latencies.get(hash)?.length ?? 0;
    return shuffle([...networks], rng)
      .sort((a, b) => times(a) - times(b))
      .slice(0, count);
  }

  takeIsolated(latenciesNs: ReadonlyMap<string, number>): void {
    for (const [key, latencyNs] of latenciesNs) append(this.isolatedNs, key, latencyNs);
  }

  ofOps(): Pick<Collected, 'entries' | 'secondNs' | 'isolatedNs'> {
    const isolatedNs = Object.fromEntries(
      [...this.isolatedNs].map(([key, latencies]) => [key, median(latencies)]),
    );
    return { entries: [...this.entries.values()], secondNs: this.secondNs, isolatedNs };
  }
}

function append<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}
