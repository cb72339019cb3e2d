/** One op of a network, in execution order, as an estimate reports it. */
export interface OpShare {
  readonly key: string;
  /** How often the network holds this op. */
  readonly count: number;
  /** Of all `count` occurrences together; null when the table lacks the op. */
  readonly latencyMs: number | null;
}
