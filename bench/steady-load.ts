import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process of its own that sends the same request at a fixed rate: `node steady-load.js URL RATE [BODY]`, a GET where
 * there is no body. It begins and ends whenever it gets a message, and says how long the answers between took. Node's
 * own client and not `fetch`, whose garbage is collected for longer than an answer takes.
 */
const [url = '', rate = '', body] = process.argv.slice(2);
const options = {
  agent: new Agent({ keepAlive: true }),
  method: body === undefined ? 'GET' : 'POST',
  headers: body === undefined ? {} : { 'content-type': 'application/json' },
};
let stop: AbortController | undefined;

process.on('message', () => {
  if (stop === undefined) void sendUntilStopped();
  else stop.abort();
});

async function sendUntilStopped(): Promise<void> {
  stop = new AbortController();
  const answersMs = await sendSteadily(stop.signal);
  stop = undefined;
  process.send?.(answersMs);
}

/**
 * Open loop: a request is due when it is due, and waits for no answer.
 * @returns milliseconds from when each was due to its answer, in order of answers
 * @throws Error when one is not answered with 200
 */
async function sendSteadily(stopped: AbortSignal): Promise<readonly number[]> {
  const answersMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  for (let i = 0; !stopped.aborted; i++) {
    const dueMs = startMs + (1000 * i) / Number(rate);
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sent = send()
      .then(() => void answersMs.push(performance.now() - dueMs))
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return answersMs;
}

function send(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, options, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${answer.statusCode}`));
      });
    })
      .once('error', reject)
      .end(body);
  });
}
