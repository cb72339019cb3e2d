import type { ProbeSamples, Protocol, SessionReport } from '../../contracts/measurement.js';
import { refusedReport } from './refused-report.js';

/** Ten times what a request may ask for: a visit goes on while runs get faster. */
const MOST_SAMPLES = 10_000;
/** Runtimes add and subtract whole graphs; whatever is far beyond that makes figures of nothing. */
const LARGEST_COEFFICIENT = 1e3;

/**
 * Checks that a report's samples are as many as the job's protocol allows and agree with each other: whoever judges them
 * counts on it, and would run out of memory over visits that are only claimed.
 * @throws LutraError `invalid-request` with a pointer
 */
export function holdSamplesToProtocol({ probes, terms }: SessionReport, protocol: Protocol): void {
  probes.forEach((probe, i) => {
    checkVisits(probe, protocol, `/report/probes/${i}`);
  });
  for (const [i, { terms: own }] of terms.entries()) {
    for (const [j, { coefficient }] of own.entries()) {
      if (Math.abs(coefficient) > LARGEST_COEFFICIENT)
        throw refusedReport(
          `/report/terms/${i}/terms/${j}/coefficient`,
          `expected ${LARGEST_COEFFICIENT} at most, got ${coefficient}`,
        );
    }
  }
}

function checkVisits({ visitsNs, openings }: ProbeSamples, protocol: Protocol, pointer: string): void {
  const { processes = 1, maxVisits } = protocol;
  // A round of a comparison visits each side twice: once more than an odd number.
  const mostVisits = processes * (maxVisits + 1);
  if (visitsNs.length > mostVisits)
    throw refusedReport(
      `${pointer}/visitsNs`,
      `the protocol makes ${mostVisits} visits at most, got ${visitsNs.length}`,
    );
  for (const [visit, { length }] of visitsNs.entries()) {
    if (length === 0 || length > MOST_SAMPLES)
      throw refusedReport(
        `${pointer}/visitsNs/${visit}`,
        `expected 1 to ${MOST_SAMPLES} samples, got ${length}`,
      );
  }
  if (openings === undefined) return;
  if (openings.length > processes)
    throw refusedReport(
      `${pointer}/openings`,
      `the protocol starts ${processes} processes, got ${openings.length}`,
    );
  const claimed = openings.reduce((sum, { visits }) => sum + visits, 0);
  if (claimed !== visitsNs.length)
    throw refusedReport(
      `${pointer}/openings`,
      `its processes made ${claimed} visits, and there are samples of ${visitsNs.length}`,
    );
}
