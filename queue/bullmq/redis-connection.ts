import { Redis } from 'ioredis';

/** A command that is not answered by then has failed: the link may be cut without a word. */
const COMMAND_TIMEOUT_MS = 4_000;
/** A link that says nothing for so long, though asked, is replaced. Longer: a Redis that was busy keeps its links. */
const SILENCE_MS = 2 * COMMAND_TIMEOUT_MS;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_RETRY_MS = 1_000;

/**
 * A connection that comes back by itself. Commands fail soon while Redis is away: callers have rows to fall back on,
 * and must not hang.
 * @param onTrouble told of every lost connection and failed try
 */
export function connectRedis(url: string, onTrouble: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: (tries) => Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(tries, 5)),
    // The command's timeout leaves the link as it is, and TCP takes a quarter of an hour to give a dead one up.
    socketTimeout: SILENCE_MS,
    keepAlive: 5_000,
  });
  redis.on('error', onTrouble);
  return redis;
}
