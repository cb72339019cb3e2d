/** `unobservable`: this machine does not show what the check needs. */
export type CheckState = 'pass' | 'warn' | 'fail' | 'unobservable';

/** One check of the circumstances of a session. */
export interface SessionCheck {
  readonly name: string;
  readonly state: CheckState;
  /** What was seen, with its unit. */
  readonly detail: string;
}

export type SessionVerdict = 'trusted' | 'usable' | 'rejected';

/** The worst check decides: a failed one rejects, a warning leaves the session usable. */
export function verdictOf(checks: readonly SessionCheck[]): SessionVerdict {
  if (checks.some(({ state }) => state === 'fail')) return 'rejected';
  return checks.some(({ state }) => state === 'warn') ? 'usable' : 'trusted';
}

/** How far a figure may go: beyond `warn` it warns, beyond `fail` it fails. */
export interface Limits {
  readonly warn: number;
  /** Absent: the check never rejects. */
  readonly fail?: number;
}

/** The state of a figure that is better the smaller it is. */
export function stateBeyond(value: number, { warn, fail = Number.POSITIVE_INFINITY }: Limits): CheckState {
  return value > fail ? 'fail' : value > warn ? 'warn' : 'pass';
}

/** `12.3 %` */
export function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
