import { readDatabaseName } from '../db/database-name.js';
import type { Database } from '../db/open-database.js';
import type { JobQueue } from './job-queue.js';
import { SqliteJobQueue } from './sqlite/sqlite-queue.js';

export interface OpenQueue {
  readonly queue: JobQueue;
  close(): Promise<void>;
}

/**
 * The queue of a database: inside it, or in Redis, whose library only then is loaded. Nothing else differs between the two
 * modes.
 * @param redisUrl as `REDIS_URL` gives it; absent or empty: the embedded queue
 * @param onTrouble told when Redis cannot be reached; the connection comes back by itself
 */
export async function openQueue(
  db: Database,
  redisUrl: string | undefined,
  onTrouble: (error: Error) => void,
): Promise<OpenQueue> {
  if (redisUrl === undefined || redisUrl === '') {
    return { queue: new SqliteJobQueue(db), close: async () => undefined };
  }
  const [{ connectRedis }, { BullmqJobQueue }] = await Promise.all([
    import('./bullmq/redis-connection.js'),
    import('./bullmq/bullmq-queue.js'),
  ]);
  const redis = connectRedis(redisUrl, onTrouble);
  const queue = new BullmqJobQueue(redis, `lutra-${readDatabaseName(db)}`);
  return {
    queue,
    close: async () => {
      await queue.close().catch(() => undefined);
      redis.disconnect();
    },
  };
}
