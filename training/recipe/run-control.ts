/** How a caller follows a training run, shares the core with it and stops it. */
export interface RunControl {
  /** Called after every slice of steps. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Ends the run between two steps: it throws the signal's reason, after the engine's sessions were closed. */
  readonly signal?: AbortSignal;
  /**
   * Awaited before the engine opens a session and before every slice of about twenty steps or batches: a measurement
   * that needs the core gets it while this waits.
   */
  readonly gate?: () => Promise<void>;
}

export interface TrainingProgress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** Mean training loss of the slice, in nats. */
  readonly lossNats: number;
}
