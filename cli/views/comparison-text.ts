import { percent } from '../../charts/text/figures.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import type { JobView } from '../../contracts/http/job-view.js';
import type { ComparisonResult, MeasureResult } from '../../contracts/job.js';

const ANSWERS = {
  same: 'B takes the same time as A',
  faster: 'B is faster than A',
  slower: 'B is slower than A',
  ambiguous: 'it cannot be told which is faster',
} as const;

/** The answer of a comparison, then what it rests on. */
export function comparisonText(job: JobView, result: MeasureResult, comparison: ComparisonResult): string {
  const { answer, ratio, interval, noiseFloor, rounds, processes } = comparison;
  const level = Math.round(interval.level * 100);
  const lines = [
    `${job.subject} on ${job.device ?? 'its device'}: ${ANSWERS[answer]}`,
    `  B takes ${percent(ratio, 1)} of A's time, ${level} % interval ${percent(interval.low, 1)} – ${percent(interval.high, 1)}`,
    `  ${rounds} rounds of A, B, B, A in ${processes === 1 ? 'one process' : `${processes} processes`}; ${floorWords(noiseFloor)}`,
  ];
  result.networks.forEach(({ latencyMs, verdict }, index) => {
    if (latencyMs === null) return;
    lines.push(
      `  ${index === 0 ? 'A' : 'B'}: ${latencyUnit(latencyMs).format(latencyMs)} steady, ${verdict ?? 'no verdict'}`,
    );
  });
  const reasons = new Set(result.networks.flatMap((network) => network.reasons ?? []));
  return [...lines, ...[...reasons].map((reason) => `  ${reason}`)].join('\n');
}

function floorWords(noiseFloor: number | null): string {
  return noiseFloor === null
    ? 'noise floor not measured yet, 2 % taken (lutra devices check)'
    : `noise floor of the device ${percent(noiseFloor, 1)}`;
}
