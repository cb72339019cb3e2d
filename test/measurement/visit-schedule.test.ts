import { expect, test } from 'vitest';
import { VisitSchedule } from '../../core/measurement/visit-schedule.js';
import { seededRng } from '../../core/random.js';

const RULES = { minVisits: 6, maxVisits: 20, targetRelativeInterval: 0.02 };

function visits(schedule: VisitSchedule, minimumNs: (graphId: string, visit: number) => number) {
  const counts = new Map<string, number>();
  const order: string[] = [];
  for (let round = schedule.nextRound(); round.length > 0; round = schedule.nextRound()) {
    for (const graphId of round) {
      const visit = counts.get(graphId) ?? 0;
      counts.set(graphId, visit + 1);
      order.push(graphId);
      schedule.record(graphId, minimumNs(graphId, visit));
    }
  }
  return { counts, order };
}

test('a steady graph stops at the least number of visits, a noisy one at the most', () => {
  const schedule = new VisitSchedule(['steady', 'noisy'], RULES, seededRng(1));
  const { counts } = visits(schedule, (id, visit) => (id === 'steady' ? 1000 : 1000 + 400 * (visit % 3)));
  expect(counts.get('steady')).toBe(6);
  expect(counts.get('noisy')).toBe(20);
});

test('an anchor is visited in every round, until the last other graph is done', () => {
  const schedule = new VisitSchedule(['anchor', 'noisy'], RULES, seededRng(1), { keptUntilEnd: ['anchor'] });
  const { counts } = visits(schedule, (id, visit) => (id === 'anchor' ? 500 : 1000 + 400 * (visit % 3)));
  expect(counts.get('anchor')).toBe(20);
});

test('rounds are in random order, the same for the same seed', () => {
  const ids = Array.from({ length: 12 }, (_, i) => `g${i}`);
  const run = (seed: number) => visits(new VisitSchedule(ids, RULES, seededRng(seed)), () => 10).order;
  expect(run(7)).toEqual(run(7));
  expect(run(7)).not.toEqual(run(8));
  const rounds = run(7);
  expect(rounds.slice(0, 12)).not.toEqual(rounds.slice(12, 24));
  expect(new Set(rounds.slice(0, 12)).size).toBe(12);
});

test('a graph that failed is not visited again', () => {
  const schedule = new VisitSchedule(['a', 'b'], RULES, seededRng(1));
  schedule.drop('a');
  expect(schedule.nextRound()).toEqual(['b']);
});

test('a pair is visited as A, B, B, A or B, A, A, B after the others, as long as one of them goes on', () => {
  const schedule = new VisitSchedule(['anchor', 'a', 'b'], RULES, seededRng(3), {
    keptUntilEnd: ['anchor'],
    pair: ['a', 'b'],
  });
  const orders = new Set<string>();
  let noise = 1;
  for (let round = schedule.nextRound(); round.length > 0; round = schedule.nextRound()) {
    orders.add(round.join(' '));
    for (const graphId of round) schedule.record(graphId, graphId === 'b' ? 10 * noise++ : 10);
  }
  expect([...orders].sort()).toEqual(['anchor a b b a', 'anchor b a a b']);
});

test('a disturbed visit is a visit, but no value: another one makes up for it', () => {
  const schedule = new VisitSchedule(['a'], { ...RULES, minVisits: 3, maxVisits: 9 }, seededRng(1));
  schedule.record('a', null);
  schedule.record('a', 10);
  schedule.record('a', 10);
  expect(schedule.nextRound()).toEqual(['a']);
  expect(schedule.isPrecise()).toBe(false);
  schedule.record('a', 10);
  expect(schedule.nextRound()).toEqual([]);
  expect(schedule.isPrecise()).toBe(true);
  expect(schedule.progress()).toEqual({ done: 4, total: 4 });
});
