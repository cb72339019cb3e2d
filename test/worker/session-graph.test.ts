import { expect, test } from 'vitest';
import { DEFAULT_PROTOCOL, type Protocol } from '../../contracts/measurement.js';
import type { Executable } from '../../runtimes/tensor-runtime.js';
import { SessionGraph } from '../../services/worker/measure/session-graph.js';

/** Durations in nanoseconds: `of(run)` in each visit, counting from 0; 100 µs before the first. */
class Clockwork implements Executable {
  private run = Number.NEGATIVE_INFINITY;

  constructor(private readonly of: (run: number) => number) {}

  beginVisit(): void {
    this.run = 0;
  }

  async sample(count: number): Promise<Float64Array> {
    return Float64Array.from({ length: count }, () => (this.run < 0 ? 100_000 : this.of(this.run++)));
  }

  async close(): Promise<void> {}
}

const QUIET = { startMs: 0, stoppedShare: 0, preemptions: 0, majorFaults: 0, waitShare: 0, sharedShare: 0 };

const sessionGraph = (executable: Executable, protocol: Protocol) =>
  new SessionGraph(
    {
      term: { graphId: 'op:x', coefficient: 1, open: async () => executable },
      macs: 0,
      subjectIds: new Set(['x']),
    },
    { protocol, threads: 1, clock: { stepNs: 1, costNs: 1 }, announce: () => undefined },
  );

async function visit(
  durationNs: (run: number) => number,
  visitBudgetMs = DEFAULT_PROTOCOL.visitBudgetMs,
  sharedShare = 0,
  samplesPerVisit = DEFAULT_PROTOCOL.samplesPerVisit,
) {
  const executable = new Clockwork(durationNs);
  const graph = sessionGraph(executable, { ...DEFAULT_PROTOCOL, visitBudgetMs, samplesPerVisit });
  await graph.open();
  executable.beginVisit();
  const minimumNs = await graph.visit({ begin: () => undefined, end: () => ({ ...QUIET, sharedShare }) });
  return { minimumNs, runs: graph.samples().visitsNs[0]!.length };
}

test('a visit whose runs are steady has ten', async () => {
  expect(await visit(() => 100_000)).toEqual({ minimumNs: 100_000, runs: 10 });
});

test('a visit goes on while its runs still get faster, and ends with the first five that do not', async () => {
  // 5 % faster from run to run, down to 100 µs at the sixteenth.
  expect(await visit((run) => Math.max(100_000, 100_000 * 0.95 ** (run - 15)))).toEqual({
    minimumNs: 100_000,
    runs: 25,
  });
});

test('a visit beside a busy sibling thread yields no value', async () => {
  expect(await visit(() => 100_000, undefined, 0.21)).toMatchObject({ minimumNs: null });
  expect(await visit(() => 100_000, undefined, 0.2)).toMatchObject({ minimumNs: 100_000 });
});

test('a protocol may ask for fewer runs a visit than caches need to come back', async () => {
  const { runs } = await visit(() => 100_000, undefined, 0, 3);
  expect(runs).toBe(3);
});

test('a graph whose first runs took long has reached its steady state when the next ones are no faster', async () => {
  const spinMs = (ms: number) => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  };
  const executable: Executable = {
    sample: async (count) => {
      spinMs(15 * count);
      return new Float64Array(count).fill(15e6);
    },
    close: async () => {},
  };
  const graph = sessionGraph(executable, DEFAULT_PROTOCOL);
  await graph.open();
  await graph.visit({ begin: () => undefined, end: () => QUIET });
  expect(graph.samples().openings![0]).toMatchObject({ steady: true });
});

test('a visit ends when its budget is used up, settled or not', async () => {
  const { runs } = await visit((run) => 100_000 * 0.95 ** run, 1);
  expect(runs).toBe(15);
});
