import type { Redis } from 'ioredis';
import type { QueueMemory } from '../queue-memory.js';

/** A key that Redis has as long as it has the rest: it holds the name of the database whose jobs are queued there. */
export class RedisMemory implements QueueMemory {
  private wasAway = true;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly databaseName: string,
  ) {
    // Whatever was to be enqueued while Redis was away was not.
    redis.on('close', () => {
      this.wasAway = true;
    });
  }

  async isIntact(): Promise<boolean> {
    return (await this.redis.get(`${this.prefix}:database`)) === this.databaseName && !this.wasAway;
  }

  async restore(work: () => Promise<void>): Promise<void> {
    this.wasAway = false;
    try {
      await work();
      await this.redis.set(`${this.prefix}:database`, this.databaseName);
    } catch (error) {
      this.wasAway = true;
      throw error;
    }
  }
}
