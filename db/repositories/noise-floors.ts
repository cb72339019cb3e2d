import { type NoisePair, noiseFloor, pooledFloor } from '../../core/measurement/noise-floor.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';

/** One A/A measurement: the same networks in two sessions of one environment. */
export interface NoiseCheck {
  readonly firstSessionId: number;
  readonly secondSessionId: number;
  readonly measuredAtMs: number;
  /** Two figures that differ by a smaller share are indistinguishable. */
  readonly floor: number;
  readonly pairs: readonly (NoisePair & { readonly networkHash: string })[];
}

/** Checks that the floor of a device is pooled from. */
const POOLED_CHECKS = 7;
/** Sessions further apart are no repetition of each other. */
const LONGEST_APART_MS = 24 * 3_600_000;

/** A/A noise of environments. */
export class NoiseFloorRepository {
  constructor(private readonly db: Database) {}

  /** The latest first. */
  checks(environmentId: number, limit = POOLED_CHECKS): readonly NoiseCheck[] {
    return this.db
      .prepare<[number, number], Omit<NoiseCheck, 'pairs'> & { pairs: string }>(
        `SELECT first_session_id AS firstSessionId, second_session_id AS secondSessionId,
           measured_at_ms AS measuredAtMs, floor, pairs
         FROM noise_floor WHERE environment_id = ? ORDER BY id DESC LIMIT ?`,
      )
      .all(environmentId, limit)
      .map((check) => ({ ...check, pairs: JSON.parse(check.pairs) as NoiseCheck['pairs'] }));
  }

  /** Pooled over the latest checks; null where there was none. */
  floor(environmentId: number): number | null {
    const floors = this.checks(environmentId).map(({ floor }) => floor);
    return floors.length === 0 ? null : pooledFloor(floors);
  }

  /**
   * Pairs a session of a noise check with the one before it that has no partner yet. The first of two finds none.
   * @returns whether there now is a new floor
   */
  pairSession(environmentId: number, sessionId: number): boolean {
    return write(this.db, () => {
      const first = this.db
        .prepare<[object], number>(UNPAIRED)
        .pluck()
        .get({ environmentId, sessionId, apartMs: LONGEST_APART_MS });
      if (first === undefined) return false;
      const pairs = this.db
        .prepare<[object], NoiseCheck['pairs'][number]>(PAIRS)
        .all({ first, second: sessionId });
      if (pairs.length === 0) return false;
      this.db
        .prepare(
          `INSERT INTO noise_floor
             (environment_id, first_session_id, second_session_id, measured_at_ms, floor, pairs)
           SELECT environment_id, ?, id, ended_at_ms, ?, ? FROM session WHERE id = ?`,
        )
        .run(first, noiseFloor(pairs), JSON.stringify(pairs), sessionId);
      return true;
    });
  }
}

/** The session that a second one repeats. */
const UNPAIRED = `
  SELECT earlier.id FROM session AS earlier
    JOIN job ON job.id = earlier.job_id
    JOIN session AS later ON later.id = :sessionId
  WHERE earlier.environment_id = :environmentId AND earlier.id < later.id AND earlier.verdict <> 'rejected'
    AND earlier.ended_at_ms > later.ended_at_ms - :apartMs
    AND json_extract(job.payload, '$.aim') = 'noise-check'
    AND NOT EXISTS (SELECT 1 FROM noise_floor WHERE earlier.id IN (first_session_id, second_session_id))
  ORDER BY earlier.id DESC LIMIT 1`;

/** Networks that both sessions measured, at the level of the anchor baseline. */
const PAIRS = `
  SELECT one.network_hash AS networkHash, one.latency_ns / first.anchor_factor AS firstNs,
    other.latency_ns / second.anchor_factor AS secondNs
  FROM measurement AS one
    JOIN measurement AS other ON other.session_id = :second AND other.subject_kind = 'network'
      AND other.network_hash = one.network_hash AND other.latency_ns IS NOT NULL
    JOIN session AS first ON first.id = one.session_id
    JOIN session AS second ON second.id = other.session_id
  WHERE one.session_id = :first AND one.subject_kind = 'network' AND one.latency_ns IS NOT NULL
    AND second.verdict <> 'rejected'
  ORDER BY one.network_hash`;
