import { expect, test } from 'vitest';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
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

async function visit(
  durationNs: (run: number) => number,
  visitBudgetMs = DEFAULT_PROTOCOL.visitBudgetMs,
  sharedShare = 0,
) {
  const executable = new Clockwork(durationNs);
  const graph = new SessionGraph(
    {
      term: { graphId: 'op:x', coefficient: 1, open: async () => executable },
      macs: 0,
      subjectIds: new Set(['x']),
    },
    {
      protocol: { ...DEFAULT_PROTOCOL, visitBudgetMs },
      threads: 1,
      clock: { stepNs: 1, costNs: 1 },
      announce: () => undefined,
    },
  );
  await graph.open();
  executable.beginVisit();
  const quiet = { startMs: 0, stoppedShare: 0, preemptions: 0, majorFaults: 0, waitShare: 0, sharedShare };
  const minimumNs = await graph.visit({ begin: () => undefined, end: () => quiet });
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

test('a visit ends when its budget is used up, settled or not', async () => {
  const { runs } = await visit((run) => 100_000 * 0.95 ** run, 1);
  expect(runs).toBe(15);
});
