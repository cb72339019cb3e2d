import type { MeasurePayload } from '../../contracts/job.js';
import type { SessionReport, Subject } from '../../contracts/measurement.js';
import { askedSubjects } from './asked-subjects.js';
import { holdSamplesToProtocol } from './hold-samples-to-protocol.js';
import { refusedReport } from './refused-report.js';

/** Later than anyone will measure; whole numbers beyond it do not fit the database's columns. */
const LARGEST = 1e15;

/**
 * Checks what a schema cannot say of a report that came from afar: that it speaks of all that the job asked for, once
 * each, in as many samples as its protocol makes, in numbers that can be stored. A subject that could not be measured is
 * there too, with its failure. What was measured is taken from the job, never from the report.
 * @param ops keys of the job that have to be there; others may be
 * @returns the report with the job's own subjects, under the report's ids
 * @throws LutraError `invalid-request` with a pointer
 */
export function holdReportToJob(
  report: SessionReport,
  payload: MeasurePayload,
  ops: readonly string[],
): SessionReport {
  const asked = new Map(askedSubjects(payload, payload.ops).map((subject) => [nameOf(subject), subject]));
  const subjects = report.subjects.map((subject, i) => {
    const name = nameOf(subject);
    const known = asked.get(name);
    if (known === undefined) throw refusedReport(`/report/subjects/${i}`, `the job does not ask for ${name}`);
    return { ...known, id: subject.id };
  });
  once(subjects, '/report/subjects', ({ id }) => id);
  once(subjects, '/report/subjects', nameOf);
  const there = new Set(subjects.map(nameOf));
  for (const name of askedSubjects(payload, ops).map(nameOf)) {
    if (!there.has(name)) throw refusedReport('/report/subjects', `the job asks for ${name} too`);
  }
  once(report.probes, '/report/probes', ({ graphId }) => graphId);
  once(report.terms, '/report/terms', ({ subjectId }) => subjectId);
  holdSamplesToProtocol(report, payload.protocol);
  checkNumbers({ ...report, subjects: [], observations: {} }, '/report');
  return { ...report, subjects };
}

/** What is measured of what. */
function nameOf(subject: Subject): string {
  if (subject.kind === 'op') return `op ${subject.key}`;
  if (subject.kind === 'anchor') return `anchor ${subject.networkHash}`;
  const { networkHash, copy, target = 'steady' } = subject;
  return `${target} ${copy === undefined ? '' : `${copy}, `}network ${networkHash}`;
}

function once<T>(list: readonly T[], pointer: string, nameOf: (item: T) => string): void {
  const seen = new Set<string>();
  list.forEach((item, i) => {
    const name = nameOf(item);
    if (seen.has(name)) throw refusedReport(`${pointer}/${i}`, `${name} is there twice`);
    seen.add(name);
  });
}

/** Nonsense durations (≤ 0) are data and pass; what no column can hold does not. */
function checkNumbers(value: unknown, pointer: string): void {
  if (typeof value === 'number' && !(Math.abs(value) <= LARGEST)) {
    throw refusedReport(pointer, `${value} is out of range`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) checkNumbers(inner, `${pointer}/${key}`);
}
