import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROTOCOL, type SessionReport } from '../contracts/measurement.js';
import { probesWithCauses } from '../core/measurement/judge-session.js';
import { median } from '../core/measurement/quantile.js';
import { classifyVisits } from '../core/measurement/visit-values.js';
import type { Network } from '../core/network/network.js';
import { superviseSession } from '../services/worker/measure/supervise-session.js';

const WINDOWS = 20;
const WINDOW_MS = 2_000;
/** At either end of a window: answers that are under way, caches that they emptied. */
const MARGIN_MS = 200;
const VISIT_EVERY_MS = 20;

export interface Load {
  begin(): void;
  end(): Promise<void>;
}

interface Window {
  readonly isLoaded: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * One session of the network in which the load comes and goes every two seconds. Two sessions, one with and one without,
 * would differ by several percent for other reasons: each process has its own layout of memory.
 * @returns median latency of the visits under load ÷ that of the others
 */
export async function shiftUnderLoad(
  network: Network,
  core: number,
  seed: number,
  load: Load,
): Promise<number> {
  const lastingMs = WINDOWS * WINDOW_MS;
  const visits = Math.round(lastingMs / VISIT_EVERY_MS);
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const session = superviseSession(
    {
      runtime: 'onnxruntime',
      threads: 1,
      seed,
      subjects: [{ kind: 'network', id: 'network', networkHash: '', network }],
      protocol: {
        ...DEFAULT_PROTOCOL,
        minVisits: visits,
        maxVisits: visits,
        spreadMs: lastingMs,
        budgetMs: 2 * lastingMs,
      },
    },
    { cores: [core], signal: new AbortController().signal, onProgress: begin },
  );
  await Promise.race([begun, session]);
  const windows = await alternate(load);
  const report = await session;
  return ratio(report, windows);
}

async function alternate(load: Load): Promise<readonly Window[]> {
  const windows: Window[] = [];
  for (let i = 0; i < WINDOWS; i++) {
    const isLoaded = i % 2 === 1;
    const startMs = Date.now();
    if (isLoaded) load.begin();
    await sleep(WINDOW_MS);
    windows.push({ isLoaded, startMs, endMs: Date.now() });
    if (isLoaded) await load.end();
  }
  return windows;
}

/** @param windows clocks agree at the first visit, where the first window begins */
function ratio(report: SessionReport, windows: readonly Window[]): number {
  const [probe] = probesWithCauses(report).values();
  if (probe?.causes === undefined) throw new Error(`not measured: ${JSON.stringify(report.failures)}`);
  const { causes } = probe;
  const offsetMs = windows[0]!.startMs - causes[0]!.startMs;
  const minimaNs: { readonly loaded: number[]; readonly quiet: number[] } = { loaded: [], quiet: [] };
  for (const [visit, { used, minimumNs }] of classifyVisits(probe).entries()) {
    const atMs = offsetMs + causes[visit]!.startMs;
    const window = windows.find(
      ({ startMs, endMs }) => atMs > startMs + MARGIN_MS && atMs < endMs - MARGIN_MS,
    );
    if (used && window !== undefined) minimaNs[window.isLoaded ? 'loaded' : 'quiet'].push(minimumNs);
  }
  return median(minimaNs.loaded) / median(minimaNs.quiet);
}
