import { duration } from '../../charts/text/figures.js';
import type { JobView } from '../../contracts/http/job-view.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';
import { comparisonText } from './comparison-text.js';
import { measurementText } from './measurement-text.js';

/** One job with everything known about it. */
export function jobText(job: JobView): string {
  const lines = [`${job.id}  ${job.kind}  ${job.subject}${job.device === null ? '' : ` on ${job.device}`}`];
  lines.push(`  ${stateWords(job)}`);
  if (job.submittedBy !== null && job.submittedBy !== 'local')
    lines.push(`  submitted by ${job.submittedBy}`);
  if (job.message !== null) lines.push(`  ${job.message}`);
  if (job.attempts > 1) lines.push(`  attempt ${job.attempts}`);
  const { result } = job;
  if (result === null) return lines.join('\n');
  if (result.kind === 'measure' && result.comparison !== undefined)
    return `${lines.join('\n')}\n\n${comparisonText(job, result, result.comparison)}`;
  if (result.kind === 'measure') return `${lines.join('\n')}\n\n${measurementText(job, result)}`;
  const evaluations = [
    result.holdout === null ? '' : `holdout ${(result.holdout.accuracy * 100).toFixed(2)} %`,
    result.test === null ? '' : `test ${(result.test.accuracy * 100).toFixed(2)} %`,
  ].filter((text) => text !== '');
  lines.push(`  ${result.steps} steps in ${duration(result.durationMs)}; ${evaluations.join(', ')}`);
  return lines.join('\n');
}

/** `queued: two jobs ahead`, `running 12 of 40`, `finished: ok`. */
export function stateWords(job: JobView): string {
  if (job.status === 'finished') return `finished: ${job.outcome ?? 'unknown'}`;
  if (job.waitsFor !== null) return `${job.status}: ${job.waitsFor.detail}`;
  if (job.progress === null) return job.status;
  const note = job.progress.note === undefined ? '' : `, ${job.progress.note}`;
  return `${job.status}: ${job.progress.done} of ${job.progress.total}${note}`;
}

export function jobTable(jobs: readonly JobView[]): string {
  if (jobs.length === 0) return 'No jobs.';
  return terminalTable(
    [
      { title: 'job' },
      { title: 'kind' },
      { title: 'device' },
      { title: 'about' },
      { title: 'state' },
      { title: 'created' },
    ],
    jobs.map((job) => [
      job.id,
      job.kind,
      job.device ?? '–',
      job.subject,
      stateWords(job),
      compactTime(job.createdAtMs),
    ]),
  );
}
