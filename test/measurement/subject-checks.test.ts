import { expect, test } from 'vitest';
import { subjectChecks } from '../../core/measurement/checks/subject-checks.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';

const TERMS = [{ graphId: 'network', coefficient: 1 }];

/** What is said of a graph whose visits waited for so much of their time each. */
function visitsCheck(...waitShares: readonly number[]) {
  const probes = new Map([
    ['network', { visitsNs: waitShares.map(() => [100]), visitWaitShare: waitShares, openings: [] }],
  ]);
  const summary = summarizeSubject(TERMS, probes);
  const checks = subjectChecks({ terms: TERMS, summary, targetRelativeInterval: 0.02 }, probes);
  return checks.find(({ name }) => name === 'visits')!;
}

test.each([
  { what: 'five visits that agree are enough for an interval', waits: [0, 0, 0, 0, 0], state: 'pass' },
  { what: 'four that agree are not', waits: [0, 0, 0, 0], state: 'warn' },
  { what: 'one agrees with itself', waits: [0], state: 'warn' },
  { what: 'four undisturbed of seven are too few', waits: [0, 0, 0, 0, 0.5, 0.5, 0.5], state: 'warn' },
  { what: 'five undisturbed of nine are enough', waits: [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5], state: 'pass' },
  {
    what: 'five undisturbed of eleven are fewer than half',
    waits: [0, 0, 0, 0, 0, ...Array(6).fill(0.5)],
    state: 'warn',
  },
  { what: 'none undisturbed is no figure', waits: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], state: 'fail' },
])('$what', ({ waits, state }) => {
  expect(visitsCheck(...waits)).toMatchObject({ state });
});
