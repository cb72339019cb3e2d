import { type ResultRow, resultRows } from '../../charts/result-rows.js';
import { type LatencyUnit, latencyUnit } from '../../charts/text/latency-unit.js';
import { quantisedText } from '../../charts/text/quantised-text.js';
import type { Report } from '../../contracts/report.js';

/** What every section needs: the data, the page's one unit of latency, the rows of the comparison. */
export interface ReportContext {
  readonly data: Report;
  readonly unit: LatencyUnit;
  readonly rows: readonly ResultRow[];
}

export function reportContext(data: Report): ReportContext {
  const rows = resultRows(data.adaptation);
  const latencies = [
    data.adaptation.seed?.latencyMs ?? 0,
    data.adaptation.budgetMs ?? 0,
    ...rows.map((row) => row.network.latencyMs ?? 0),
  ];
  return { data, rows, unit: latencyUnit(Math.max(...latencies)) };
}

/** What figures of devices in int8 are of; null where there are none. */
export function quantisedWords({ devices }: Report): string | null {
  return quantisedText(devices.map(({ name, environment }) => ({ device: name, dtype: environment?.dtype })));
}

/** Of all devices whose latency is limited. */
export function deviceNames({ devices }: Report): string {
  return devices.map(({ name }) => name).join(', ');
}
