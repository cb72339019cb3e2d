/** BullMQ runs the smallest number first, from 1 to 2²¹; 201 priorities leave room for this many turns each. */
const TURNS = 10_000;

/** The last turn that can be told from others. */
export const LAST_TURN = TURNS - 2;

/** Lutra's priorities, −100 to 100. */
const HIGHEST = 100;

/**
 * A job's priority and its submitter's turn as the one number by which BullMQ sorts. Turns past the last count as the
 * last: such jobs run in order of arrival.
 */
export function packPriority(priority: number, turn: number): number {
  return (HIGHEST - priority) * TURNS + Math.min(turn, LAST_TURN) + 1;
}

export function unpackPriority(packed: number): { readonly priority: number; readonly turn: number } {
  return { priority: HIGHEST - Math.floor((packed - 1) / TURNS), turn: (packed - 1) % TURNS };
}
