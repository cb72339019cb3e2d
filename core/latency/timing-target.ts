/**
 * What a latency is of. `steady`: inference back to back. `cold`: one inference after other work ({@link OTHER_WORK_BYTES}).
 * Estimates share their op latencies; each target has a calibration of its own.
 */
export type TimingTarget = 'steady' | 'cold';

/**
 * What other work touches before a cold inference. It takes the caches that a core of a desktop, a phone or most servers can
 * reach; a larger one keeps some of the network, as it would in use.
 */
export const OTHER_WORK_BYTES = 64 * 2 ** 20;
