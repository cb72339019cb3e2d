import type { CalibrationView } from '../../contracts/http/latency-table-view.js';
import type { Calibration } from '../../core/latency/calibration.js';

const NS_PER_MS = 1e6;

/** A calibration as callers see it. */
export function calibrationView({ interceptNs, errors: _, ...calibration }: Calibration): CalibrationView {
  return { ...calibration, interceptMs: interceptNs / NS_PER_MS };
}
