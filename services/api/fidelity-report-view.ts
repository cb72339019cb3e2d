import type { FidelityReportView } from '../../contracts/http/fidelity.js';
import type { StoredFidelityReport } from '../../db/repositories/fidelity-reports.js';

/** A report as callers see it. */
export function fidelityReportView({ id: _, ...report }: StoredFidelityReport): FidelityReportView {
  return report;
}
