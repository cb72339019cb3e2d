/** Why a descent cannot go on. It ends the run, or only costs it a rival. */
export interface DeadEnd {
  /** Of the command that would have gone on. */
  readonly key: string;
  readonly code: 'unreachable-budget' | 'training-failed';
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
