/**
 * What the queue needs and BullMQ does not offer, as Lua over BullMQ's own keys: each runs as one step, whatever other
 * processes do. A job is held while `<job>:lock` exists; Redis deletes it when the lease runs out. Three fields of
 * ours stand in the job's hash: `lutraAttempt`, `lutraCancel` and `lutraTurn`. A job's priority there is ours and its turn in one number
 * (`packed-priority.ts`); the set `prioritized` is sorted by it, then by arrival.
 */

/** Puts a job to the front of those with its priority and turn. */
const TO_FRONT = `
local function toFront(prioritizedKey, jobKey, id)
  local priority = redis.call('HGET', jobKey, 'priority')
  if priority then redis.call('ZADD', prioritizedKey, tonumber(priority) * 4294967296, id) end
end`;

/**
 * Gives a job the submitter's next turn among jobs of one priority: one after its last, but no earlier than the turn that is
 * being served, or it could save turns up. Turns have a last one: a queue that is never empty comes to it, and then
 * all turns begin anew from the one that is served, those of the jobs that are there too. The job was added with the last
 * turn, and has its own from now on; a job that has one keeps it.
 * KEYS 1 job, 2 turns of the priority, 3 prioritized, 4 delayed, 5 active; ARGV 1 submitter, 2 prefix of job keys,
 * 3 packed priority of turn 0, 4 last turn, 5 job id.
 */
export const TAKE_TURN = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
if redis.call('HSETNX', KEYS[1], 'lutraTurn', 1) == 0 then return end
local waits = redis.call('ZSCORE', KEYS[3], ARGV[5]) and 1 or 0
if redis.call('ZCARD', KEYS[3]) == waits then redis.call('DEL', KEYS[2]) end
local first, lastTurn = tonumber(ARGV[3]), tonumber(ARGV[4])

local function packedOf(id)
  local packed = tonumber(redis.call('HGET', ARGV[2] .. id, 'priority') or '-1')
  if packed >= first and packed <= first + lastTurn then return packed end
end

local function beginAnew(served)
  for _, key in ipairs({KEYS[3], KEYS[4]}) do
    for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      local packed = packedOf(id)
      if packed then
        local moved = math.max(first, packed - served)
        redis.call('HSET', ARGV[2] .. id, 'priority', moved)
        if key == KEYS[3] then redis.call('ZINCRBY', key, (moved - packed) * 4294967296, id) end
      end
    end
  end
  for _, id in ipairs(redis.call('LRANGE', KEYS[5], 0, -1)) do
    local packed = packedOf(id)
    if packed then redis.call('HSET', ARGV[2] .. id, 'priority', math.max(first, packed - served)) end
  end
  local turns = redis.call('HGETALL', KEYS[2])
  redis.call('DEL', KEYS[2])
  for i = 1, #turns, 2 do
    local turn = tonumber(turns[i + 1]) - served
    if turns[i] ~= 'served' and turn >= 0 then redis.call('HSET', KEYS[2], turns[i], turn) end
  end
end

local function next()
  local served = tonumber(redis.call('HGET', KEYS[2], 'served') or '0')
  local last = tonumber(redis.call('HGET', KEYS[2], 'of:' .. ARGV[1]) or '-1')
  return math.max(served, last + 1), served
end

local turn, served = next()
-- Not for a few turns: all jobs are gone through.
if turn > lastTurn and served > lastTurn / 2 then
  beginAnew(served)
  turn = next()
end
-- Who has more jobs waiting than there are turns has the rest run in order of arrival.
turn = math.min(turn, lastTurn)
redis.call('HSET', KEYS[2], 'of:' .. ARGV[1], turn)
local packed = tonumber(redis.call('HGET', KEYS[1], 'priority'))
redis.call('HSET', KEYS[1], 'priority', first + turn)
if waits == 1 then redis.call('ZINCRBY', KEYS[3], (first + turn - packed) * 4294967296, ARGV[5]) end`;

/**
 * Which jobs are not here, or were added and never given their turn. KEYS jobs. Answers their positions, from 1.
 */
export const UNKNOWN = `
local unknown = {}
for position, jobKey in ipairs(KEYS) do
  if redis.call('HEXISTS', jobKey, 'lutraTurn') == 0 then unknown[#unknown + 1] = position end
end
return unknown`;

/**
 * Puts jobs whose lease ran out back, and tells what there is.
 * KEYS 1 active, 2 prioritized, 3 delayed, 4 stalled; ARGV 1 prefix of job keys, 2 now.
 * Answers [packed priority of the next job or -1, waiting, leased].
 */
export const LOOK = `${TO_FRONT}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local jobKey = ARGV[1] .. id
  if redis.call('EXISTS', jobKey .. ':lock') == 0 then
    redis.call('LREM', KEYS[1], 1, id)
    redis.call('SREM', KEYS[4], id)
    toFront(KEYS[2], jobKey, id)
  end
end
local next = -1
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if first[1] then next = math.floor(tonumber(first[2]) / 4294967296) end
local due = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
if due[1] and tonumber(due[2]) / 4096 <= tonumber(ARGV[2]) then
  local priority = tonumber(redis.call('HGET', ARGV[1] .. due[1], 'priority') or '0')
  if next == -1 or priority < next then next = priority end
end
return {next, redis.call('ZCARD', KEYS[2]) + redis.call('ZCARD', KEYS[3]), redis.call('LLEN', KEYS[1])}`;

/**
 * Makes a job that BullMQ just moved to active a lease: gives it the next fencing token, which replaces the lock's
 * provisional one. Tokens come from the clock and never fall behind the last one: a Redis that forgot the last one
 * still goes on above it.
 * KEYS 1 lock, 2 last token, 3 job, 4 turns of the priority; ARGV 1 provisional token, 2 lease in ms, 3 packed priority
 * of turn 0. Answers [token, attempt], or nil when the lock is gone.
 */
export const GRANT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end
local clock = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = string.format('%.0f', math.max(clock[1] * 1000000 + clock[2], last + 1))
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
-- A job that was claimed in between of being added and given its turn had none.
if redis.call('HEXISTS', KEYS[3], 'lutraTurn') == 1 then
  local served = tonumber(redis.call('HGET', KEYS[4], 'served') or '0')
  local turn = tonumber(redis.call('HGET', KEYS[3], 'priority')) - tonumber(ARGV[3])
  redis.call('HSET', KEYS[4], 'served', math.max(served, turn))
end
return {token, redis.call('HINCRBY', KEYS[3], 'lutraAttempt', 1)}`;

/** KEYS 1 lock, 2 job; ARGV 1 token, 2 lease in ms. Answers 0 lost, 1 held, 2 held but to be cancelled. */
export const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HEXISTS', KEYS[2], 'lutraCancel') + 1`;

/**
 * Puts a held job back to the front. KEYS 1 lock, 2 job, 3 active, 4 prioritized, 5 stalled; ARGV 1 token, 2 job id,
 * 3 what to add to its attempts. Answers 1, or 0 when the lease was lost.
 */
export const PUT_BACK = `${TO_FRONT}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('LREM', KEYS[3], 1, ARGV[2])
redis.call('SREM', KEYS[5], ARGV[2])
redis.call('HINCRBY', KEYS[2], 'lutraAttempt', ARGV[3])
toFront(KEYS[4], KEYS[2], ARGV[2])
return 1`;

/** KEYS 1 job, 2 lock. Answers 0 unknown, 1 held and now marked, 2 it waits. */
export const MARK_CANCELLED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then return 2 end
redis.call('HSET', KEYS[1], 'lutraCancel', 1)
return 1`;
