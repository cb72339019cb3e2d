/**
 * What a latency is of. `steady`: inference back to back. `cold`: one inference after other work, which has taken the
 * caches. Estimates share their op latencies; each target has a calibration of its own.
 */
export type TimingTarget = 'steady' | 'cold';
