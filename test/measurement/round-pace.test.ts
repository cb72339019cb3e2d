import { expect, test } from 'vitest';
import {
  DEFAULT_PROTOCOL,
  REFERENCE_COMPARISON_PROTOCOL,
  REFERENCE_PROTOCOL,
} from '../../contracts/measurement.js';
import { roundPace } from '../../core/measurement/round-pace.js';
import { VisitSchedule } from '../../core/measurement/visit-schedule.js';
import { seededRng } from '../../core/random.js';

test('a protocol that is not spread has no pause', () => {
  expect(roundPace(DEFAULT_PROTOCOL)).toEqual({ rounds: 8, everyMs: 0 });
});

test('a single round needs no pause', () => {
  expect(roundPace({ minVisits: 1, spreadMs: 9_000 })).toEqual({ rounds: 1, everyMs: 9_000 });
});

test.each([
  { name: 'a reference', protocol: REFERENCE_PROTOCOL },
  { name: 'a comparison of A, B, B, A', protocol: REFERENCE_COMPARISON_PROTOCOL },
])('the least rounds of $name take the time that they are to be spread over', ({ protocol }) => {
  const schedule = new VisitSchedule(['a', 'b'], protocol, seededRng(1), { pair: ['a', 'b'] });
  const isPaired = protocol.order === 'abba';
  const single = new VisitSchedule(['a'], protocol, seededRng(1));
  const used = isPaired ? schedule : single;
  let rounds = 0;
  for (let round = used.nextRound(); round.length > 0; round = used.nextRound()) {
    rounds++;
    for (const graphId of round) used.record(graphId, 100);
  }
  const pace = roundPace(protocol);
  expect(pace.rounds).toBe(rounds);
  expect(protocol.processes! * (rounds - 1) * pace.everyMs).toBeCloseTo(protocol.spreadMs!, 6);
});
