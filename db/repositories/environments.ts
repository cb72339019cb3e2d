import type { Environment } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import type { Database } from '../open-database.js';

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
}
