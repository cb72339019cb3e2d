import { percent } from '../../charts/text/figures.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import type { CalibrationView, LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';
import { fidelityLine } from './fidelity-text.js';

export function latencyTableText(view: LatencyTableView): string {
  const unit = latencyUnit(Math.max(0, ...view.entries.map((entry) => entry.latencyMs)));
  const rows = terminalTable(
    [
      { title: 'op' },
      { title: unit.name, numeric: true },
      { title: 'interval', numeric: true },
      { title: 'samples', numeric: true },
      { title: 'source' },
      { title: 'measured' },
    ],
    view.entries.map((entry) => [
      entry.key,
      unit.figure(entry.latencyMs),
      `${unit.figure(entry.interval.lowMs)} – ${unit.figure(entry.interval.highMs)}`,
      String(entry.samples),
      entry.source,
      compactTime(Date.parse(entry.measuredAt)),
    ]),
  );
  const lines = [
    `${view.entries.length} of ${view.entryCount} entries for ${view.device}, from ${view.provenance.sessions} sessions.` +
      (view.next === null ? '' : ` More: --after '${view.next}'`),
    calibrationLine(view),
  ];
  if (view.fidelity !== null) lines.push(fidelityLine(view.fidelity));
  return view.entries.length === 0 ? lines.join('\n') : `${rows}\n\n${lines.join('\n')}`;
}

function calibrationLine({ calibration }: LatencyTableView): string {
  const { target, kind, scale, interceptMs, memory, relativeSpread, networks } = calibration;
  if (kind === 'none') {
    return `Not calibrated (${target}): no whole network was measured yet, so estimates have wide intervals.`;
  }
  const model = modelWords(memory);
  const overhead = interceptMs > 0 ? ` and ${(interceptMs * 1000).toFixed(0)} µs` : '';
  const spread = relativeSpread === null ? '' : `, spread ${percent(relativeSpread, 1)}`;
  return `Calibration (${target}): a network takes ${scale.toFixed(3)} times ${model}${overhead} (${networks} networks${spread}).`;
}

function modelWords(memory: CalibrationView['memory']): string {
  if (memory === null) return 'the sum of its ops';
  const [once, streamed] = [memory.once.toFixed(2), memory.streamed.toFixed(2)];
  const beyond = `${memory.beyond < 0 ? '−' : '+'}${Math.abs(memory.beyond).toFixed(2)}`;
  return `its ops and their memory (used once × ${once}, streamed × ${streamed}, beyond caches ${beyond})`;
}
