import type { Environment } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import type { Database } from '../open-database.js';

/** An environment that a device was measured in. */
export interface MeasuredEnvironment {
  readonly id: number;
  /** SHA-256 of its facts, hex. */
  readonly hash: string;
  readonly environment: Environment;
  readonly sessions: number;
  readonly firstSessionAtMs: number;
  readonly lastSessionAtMs: number;
  /** Ops in its latency table. */
  readonly entries: number;
}

/** Environments that sessions were held in. Written by {@link DeviceRepository.setEnvironment}. */
export class EnvironmentRepository {
  constructor(private readonly db: Database) {}

  /** @throws LutraError `not-found` */
  get(id: number): Environment {
    const facts = this.db
      .prepare<[number], string>('SELECT facts FROM environment WHERE id = ?')
      .pluck()
      .get(id);
    if (facts === undefined) throw new LutraError('not-found', `there is no environment ${id}`);
    return JSON.parse(facts) as Environment;
  }

  /**
   * Hash of the one that a session was held in.
   * @throws LutraError `not-found`
   */
  hashOfSession(sessionId: number): string {
    const hash = this.db
      .prepare<[number], string>(
        'SELECT hash FROM session JOIN environment ON environment.id = session.environment_id WHERE session.id = ?',
      )
      .pluck()
      .get(sessionId);
    if (hash === undefined) throw new LutraError('not-found', `there is no session ${sessionId}`);
    return hash;
  }

  /** Those that a device has sessions in, the one measured last first. */
  ofDevice(deviceId: number): readonly MeasuredEnvironment[] {
    return this.db
      .prepare<[number], Omit<MeasuredEnvironment, 'environment'> & { facts: string }>(
        `SELECT environment.id, hash, facts, count(*) AS sessions, min(started_at_ms) AS firstSessionAtMs,
           max(ended_at_ms) AS lastSessionAtMs,
           (SELECT count(*) FROM latency_entry WHERE environment_id = environment.id) AS entries
         FROM session JOIN environment ON environment.id = session.environment_id
         WHERE session.device_id = ? GROUP BY environment.id ORDER BY max(session.id) DESC`,
      )
      .all(deviceId)
      .map(({ facts, ...row }) => ({ ...row, environment: JSON.parse(facts) as Environment }));
  }
}
