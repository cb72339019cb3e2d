import { percent } from '../../charts/text/figures.js';
import { type LatencyUnit, latencyUnit } from '../../charts/text/latency-unit.js';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasureResult } from '../../contracts/job.js';
import type { TimingTarget } from '../../contracts/measurement.js';
import { terminalTable } from '../text/terminal-table.js';

const TARGET_WORDS: Readonly<Record<TimingTarget, string>> = {
  steady: 'steady state',
  cold: 'after other work',
};

/** The result of a measure job: the whole network, then its ops. */
export function measurementText(job: JobView, result: MeasureResult): string {
  const unit = latencyUnit(Math.max(result.latencyMs ?? 0, ...result.ops.map((op) => op.latencyMs ?? 0)));
  const blocks = [[headline(job, result, unit), ...trustLines(result)].join('\n')];
  if (result.ops.length > 0) blocks.push(opTable(result, unit), sumLine(result, unit));
  return blocks.join('\n\n');
}

function headline(job: JobView, result: MeasureResult, unit: LatencyUnit): string {
  const name = `${job.subject} on ${job.device ?? 'its device'}`;
  if (result.latencyMs === null) {
    const failure = result.networks.find((network) => network.failure !== null)?.failure;
    return failure == null ? `${name}: ops only` : `${name}: ${failure.kind}, ${failure.message}`;
  }
  return `${name}: ${unit.format(result.latencyMs)} ${targetOf(result)}${intervalWords(result.interval, unit)}, ${result.verdict ?? 'no verdict'}`;
}

/** Results of earlier versions do not name it; they were all steady. */
function targetOf({ target = 'steady' }: MeasureResult): TimingTarget {
  return target;
}

/** The three figures of a network's life, and why the verdict is no better. */
function trustLines(result: MeasureResult): readonly string[] {
  const network = result.networks.find(({ failure }) => failure === null);
  if (network === undefined) return [];
  const { openMs, firstMs, latencyMs, typicalMs, precision, reasons = [] } = network;
  const lines = reasons.map((reason) => `  ${reason}`);
  if (openMs != null && firstMs != null && latencyMs !== null) {
    const figure = (ms: number) => latencyUnit(ms).format(ms);
    lines.unshift(
      `  opening ${figure(openMs)}, first run ${figure(firstMs)}, ${TARGET_WORDS[targetOf(result)]} ${figure(latencyMs)}` +
        (typicalMs == null ? '' : ` (${figure(typicalMs)} with the machine’s interruptions)`) +
        (precision === undefined ? '' : `, known to ${percent(precision, 1)}`),
    );
  }
  if (result.sessionId !== null)
    lines.push(`  session ${result.sessionId}: lutra sessions show ${result.sessionId}`);
  return lines;
}

/** `, 95 % interval 59.1 – 60.7`. */
export function intervalWords(interval: MeasureResult['interval'], unit: LatencyUnit): string {
  if (interval === null) return '';
  const level = Math.round(interval.level * 100);
  return `, ${level} % interval ${unit.figure(interval.lowMs)} – ${unit.figure(interval.highMs)}`;
}

function opTable(result: MeasureResult, unit: LatencyUnit): string {
  return terminalTable(
    [
      { title: 'op' },
      { title: unit.name, numeric: true },
      { title: 'interval', numeric: true },
      { title: 'from' },
      { title: 'verdict' },
    ],
    result.ops.map((op) => [
      op.key,
      op.latencyMs === null ? '–' : unit.figure(op.latencyMs),
      op.interval === null ? '' : `${unit.figure(op.interval.lowMs)} – ${unit.figure(op.interval.highMs)}`,
      op.source === 'table' ? 'table' : 'measured now',
      op.failure === null ? (op.verdict ?? '') : `${op.failure.kind}: ${op.failure.message}`,
    ]),
  );
}

function sumLine(result: MeasureResult, unit: LatencyUnit): string {
  const known = result.ops.filter((op) => op.latencyMs !== null);
  const measured = result.ops.filter((op) => op.source === 'measured' && op.latencyMs !== null).length;
  const largest = known.reduce((most, op) => Math.max(most, op.latencyMs ?? 0), 0);
  return (
    `${result.ops.length} different ops, ${measured} measured now; the slowest takes ${unit.format(largest)}. ` +
    'A network can hold an op several times: lutra estimate adds them up.'
  );
}
