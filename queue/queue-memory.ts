/** Tells whether a queue still knows what it was told, for queues that live apart from the database and may forget. */
export interface QueueMemory {
  /** False at first, after the queue lost its memory, and after a time in which it could not be told anything. */
  isIntact(): Promise<boolean>;
  /** @param work tells the queue everything again; when it fails, the memory stays marked as lost */
  restore(work: () => Promise<void>): Promise<void>;
}
