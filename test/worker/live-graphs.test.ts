import { expect, test } from 'vitest';
import type { MeasureMessage } from '../../contracts/measure-message.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import type { Executable } from '../../runtimes/tensor-runtime.js';
import { LiveGraphs } from '../../services/worker/measure/live-graphs.js';
import type { PlannedGraph } from '../../services/worker/measure/plan-graphs.js';

/** A graph that takes a microsecond a run; from its fourth call on, what `later` says. */
class Counted implements Executable {
  closed = 0;
  private calls = 0;

  constructor(private readonly later: () => number = () => 1_000) {}

  async sample(count: number): Promise<Float64Array> {
    const nowNs = ++this.calls < 4 ? 1_000 : this.later();
    return new Float64Array(count).fill(nowNs);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

test('what no subject needs any more is closed at once, and nothing twice', async () => {
  const executables = {
    // Refuses after it was opened, and takes its base along; the other op goes on.
    bad: new Counted(() => 0),
    base: new Counted(),
    good: new Counted(),
  };
  const planned = (graphId: keyof typeof executables, ...subjectIds: string[]): [string, PlannedGraph] => [
    graphId,
    {
      term: { graphId, coefficient: 1, open: async () => executables[graphId] },
      macs: 0,
      subjectIds: new Set(subjectIds),
    },
  ];
  const graphs = new Map([planned('base', 'a'), planned('bad', 'a'), planned('good', 'b')]);
  const messages: MeasureMessage[] = [];
  const live = new LiveGraphs(
    { graphs, terms: [], failures: [], anchorGraphIds: [], comparedGraphIds: [] },
    { runtime: 'fake', threads: 1, seed: 1, subjects: [], protocol: DEFAULT_PROTOCOL },
    { send: (message) => messages.push(message) },
    { opened: () => undefined, betweenRounds: () => undefined },
    {
      protocol: DEFAULT_PROTOCOL,
      threads: 1,
      clock: { stepNs: 1, costNs: 1 },
      announce: () => undefined,
    },
  );
  await live.openAll();
  await live.visitAll({
    begin: () => undefined,
    end: () => ({ startMs: 0, stoppedShare: 0, preemptions: 0, majorFaults: 0, waitShare: 0 }),
  });
  expect([executables.bad.closed, executables.base.closed, executables.good.closed]).toEqual([1, 1, 0]);
  await live.finish();
  expect([executables.bad.closed, executables.base.closed, executables.good.closed]).toEqual([1, 1, 1]);
  expect(messages.filter(({ type }) => type === 'probe')).toHaveLength(1);
});
