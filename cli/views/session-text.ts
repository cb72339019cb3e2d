import { percent } from '../../charts/text/figures.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import type {
  MeasuredSessionView,
  MeasuredSubject,
  SessionSamplesView,
} from '../../contracts/http/measured-session.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';

const REPLAY = {
  true: 'computed anew from the raw samples, every figure is the same',
  false: 'computed anew from the raw samples, figures differ: another version judged it',
  null: 'of an earlier version: it cannot be computed anew',
} as const;

/** A session: its verdict with every check, and what it measured. */
export function sessionText(session: MeasuredSessionView): string {
  const { protocol, checks, subjects, anchorFactor, opFactor } = session;
  const processes = protocol.processes ?? 1;
  const lines = [
    `session ${session.id} on ${session.device}: ${session.verdict}`,
    `  measured     ${compactTime(session.startedAtMs)}, ${((session.endedAtMs - session.startedAtMs) / 1e3).toFixed(1)} s, ${processes === 1 ? 'one process' : `${processes} fresh processes`}`,
    `  level        ${percent(anchorFactor, 1)} of the baseline, by its anchor; of ops ${percent(opFactor, 1)}`,
    `  raw samples  ${REPLAY[`${session.replaysToTheSame}`]}`,
  ];
  const checkTable = terminalTable(
    [{ title: 'check' }, { title: 'state' }, { title: 'what was seen' }],
    checks.map(({ name, state, detail }) => [name, state, detail]),
  );
  return [lines.join('\n'), checkTable, subjectTable(subjects)].join('\n\n');
}

function subjectTable(subjects: readonly MeasuredSubject[]): string {
  const unit = latencyUnit(Math.max(0, ...subjects.map(({ latencyMs }) => latencyMs ?? 0)));
  return terminalTable(
    [
      { title: 'as timed' },
      { title: 'target' },
      { title: unit.name, numeric: true },
      { title: 'interval', numeric: true },
      { title: 'known to', numeric: true },
      { title: 'visits', numeric: true },
      { title: 'verdict' },
    ],
    subjects.map(
      ({ kind, key, networkHash, target, latencyMs, interval, precision, visits, verdict, failure }) => [
        key ?? `${kind} ${networkHash?.slice(0, 12) ?? ''}`,
        target,
        latencyMs === null ? '–' : unit.figure(latencyMs),
        interval === null ? '' : `${unit.figure(interval.lowMs)} – ${unit.figure(interval.highMs)}`,
        precision === null ? '' : percent(precision, 1),
        String(visits),
        failure === null ? verdict : `${failure.kind}: ${failure.message}`,
      ],
    ),
  );
}

/** A line a visit: class, causes, the samples' bounds. */
export function samplesText({ graphs }: SessionSamplesView): string {
  if (graphs.length === 0) return 'No such graph in this session.';
  return graphs
    .map(({ graphId, visits }) => {
      const finite = visits.map(({ samplesNs }) => samplesNs.filter((ns) => ns !== null));
      const rows = visits.map((visit, index) => [
        String(visit.process),
        visit.used ? visit.class : `${visit.class}, left out`,
        shareText(visit.waitShare),
        shareText(visit.stoppedShare),
        shareText(visit.takenShare),
        String(visit.samplesNs.length),
        microseconds(Math.min(...finite[index]!)),
        microseconds(Math.max(...finite[index]!)),
      ]);
      const table = terminalTable(
        [
          { title: 'process', numeric: true },
          { title: 'class' },
          { title: 'waited', numeric: true },
          { title: 'stopped', numeric: true },
          { title: 'taken', numeric: true },
          { title: 'samples', numeric: true },
          { title: 'least µs', numeric: true },
          { title: 'most µs', numeric: true },
        ],
        rows,
      );
      return `${graphId}\n${table}`;
    })
    .join('\n\n');
}

function shareText(share: number | null): string {
  return share === null ? '–' : percent(share, 1);
}

function microseconds(ns: number): string {
  return Number.isFinite(ns) ? (ns / 1e3).toFixed(1) : '–';
}
