import type { MeasurePayload } from '../../contracts/job.js';
import type { SessionReport, Subject } from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { holdSamplesToProtocol } from './hold-samples-to-protocol.js';
import { refusedReport } from './refused-report.js';

/** Later than anyone will measure; whole numbers beyond it do not fit the database's columns. */
const LARGEST = 1e15;

/**
 * Checks what a schema cannot say of a report that came from afar: that it speaks of what the job asked for, once each,
 * in as many samples as its protocol makes, in numbers that can be stored. Networks are taken from the job, never from the report.
 * @returns the report with the job's own network documents
 * @throws LutraError `invalid-request` with a pointer
 */
export function holdReportToJob(report: SessionReport, payload: MeasurePayload): SessionReport {
  const anchor = anchorNetwork();
  const networks = new Map(payload.networks.map((network) => [contentHash(network as Network), network]));
  const ops = new Set(payload.ops);
  const asked = (subject: Subject): Subject | null => {
    if (subject.kind === 'op') return ops.has(subject.key) ? subject : null;
    if (subject.kind === 'anchor') {
      return subject.networkHash === contentHash(anchor) ? { ...subject, network: anchor } : null;
    }
    const network = networks.get(subject.networkHash);
    return network === undefined ? null : { ...subject, network };
  };
  const subjects = report.subjects.map((subject, i) => {
    const known = asked(subject);
    if (known !== null) return known;
    const what = subject.kind === 'op' ? `op ${subject.key}` : `${subject.kind} ${subject.networkHash}`;
    throw refusedReport(`/report/subjects/${i}`, `the job does not ask for ${what}`);
  });
  once(subjects, '/report/subjects', ({ id }) => id);
  once(subjects, '/report/subjects', (subject) => {
    if (subject.kind === 'op') return `op ${subject.key}`;
    const side = subject.kind === 'network' && subject.copy !== undefined ? `${subject.copy}, ` : '';
    return `${side}${subject.kind} ${subject.networkHash}`;
  });
  once(report.probes, '/report/probes', ({ graphId }) => graphId);
  once(report.terms, '/report/terms', ({ subjectId }) => subjectId);
  holdSamplesToProtocol(report, payload.protocol);
  checkNumbers({ ...report, subjects: [], observations: {} }, '/report');
  return { ...report, subjects };
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
