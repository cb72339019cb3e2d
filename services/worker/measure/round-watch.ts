import type { ProbeReading, ProcessObservations, SystemFacts } from '../../../contracts/measurement.js';
import { MAX_LOST_SHARE } from '../../../core/measurement/visit-class.js';
import { cacheProbe } from './cache-probe.js';
import { probeMachine, warmUpProbe } from './machine-probe.js';
import { readProcStatus } from './proc-status.js';
import { probeSharing, warmUpSharing } from './sibling-probe.js';
import type { SiblingWatch } from './sibling-watch.js';
import { readSystemFacts } from './system-facts.js';

/** Spins: enough before and after for a level, little between rounds. */
const SPIN_MS = { aside: 3, between: 1 } as const;
const SHARING_MS = 0.2;

type RoundObservations = Pick<
  ProcessObservations,
  'probes' | 'allowedCores' | 'before' | 'after' | 'timedMs' | 'involuntarySwitches'
>;

/** Watches the machine around and between rounds of visits, never during one. */
export class RoundWatch {
  private readonly probes: ProbeReading[] = [];
  private readonly allowedCores = new Set<string>();
  private readonly cpu: number | null;
  private readonly readCache: (() => number) | null;
  private before: SystemFacts = {};
  private startMs = 0;
  private switches = 0;

  /**
   * @param originMs what times are counted from, on the process's monotonic clock
   * @param sibling null: durations are computed, and owe nothing to what others leave of the core and its caches
   */
  constructor(
    private readonly originMs: number,
    private readonly sibling: SiblingWatch | null,
  ) {
    const { allowedCores } = readProcStatus('self');
    this.cpu = allowedCores !== undefined && /^\d+$/.test(allowedCores) ? Number(allowedCores) : null;
    this.readCache = sibling === null ? null : cacheProbe(this.cpu ?? 0);
    warmUpProbe();
    warmUpSharing();
  }

  start(): void {
    this.before = readSystemFacts(this.cpu);
    this.look(SPIN_MS.aside);
    this.switches = process.resourceUsage().involuntaryContextSwitches;
    this.startMs = performance.now();
  }

  betweenRounds(): void {
    this.look(SPIN_MS.between);
  }

  end(): RoundObservations {
    const timedMs = performance.now() - this.startMs;
    const { involuntaryContextSwitches } = process.resourceUsage();
    this.look(SPIN_MS.aside);
    return {
      probes: this.probes,
      allowedCores: [...this.allowedCores],
      before: this.before,
      after: readSystemFacts(this.cpu),
      timedMs,
      involuntarySwitches: involuntaryContextSwitches - this.switches,
    };
  }

  private look(durationMs: number): void {
    const atMs = Math.round((performance.now() - this.originMs) * 1e3) / 1e3;
    const spin = { ...probeMachine(durationMs), parallelRatio: probeSharing(SHARING_MS).leastRatio };
    this.probes.push({ atMs, ...spin, ...this.cachePrice() });
    const { allowedCores } = readProcStatus('self');
    if (allowedCores !== undefined) this.allowedCores.add(allowedCores);
  }

  /** Nothing where a sibling thread came meanwhile: its half of the core is missing, and what it left of the nearer caches. */
  private cachePrice(): Pick<ProbeReading, 'cacheNsPerByte'> {
    if (this.readCache === null) return {};
    this.sibling?.begin();
    const cacheNsPerByte = this.readCache();
    const shared = this.sibling?.end().sharedShare ?? 0;
    return shared > MAX_LOST_SHARE ? {} : { cacheNsPerByte };
  }
}
