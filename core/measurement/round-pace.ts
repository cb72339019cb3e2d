/** What of a protocol says how its rounds lie in time. */
interface PacedProtocol {
  readonly minVisits: number;
  readonly order?: 'random' | 'abba';
  readonly processes?: number;
  readonly spreadMs?: number;
}

export interface RoundPace {
  /** Rounds of one process at least: one of A, B, B, A visits either side twice. */
  readonly rounds: number;
  /** From the beginning of one round to that of the next, so that the first and the last are as far apart as was asked. */
  readonly everyMs: number;
}

/** How the rounds of a protocol are spread over the time that it asks for; what more it takes follows without pause. */
export function roundPace({ minVisits, order, processes = 1, spreadMs = 0 }: PacedProtocol): RoundPace {
  const rounds = order === 'abba' ? Math.ceil(minVisits / 2) : minVisits;
  return { rounds, everyMs: spreadMs / processes / Math.max(1, rounds - 1) };
}
