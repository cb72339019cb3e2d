import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process of its own that sends the same estimate at a fixed rate until it is told to stop, then says how long each
 * took: `node steady-load.js URL RATE BODY`. Open loop: a request is due when it is due, and waits for no answer.
 */
const [url = '', rate = '', body = ''] = process.argv.slice(2);
const answersMs: number[] = [];
const underWay = new Set<Promise<void>>();
const headers = { 'content-type': 'application/json' };
let stopped = false;
process.on('message', () => {
  stopped = true;
});

const startMs = performance.now();
for (let i = 0; !stopped; i++) {
  const dueMs = startMs + (1000 * i) / Number(rate);
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  const sent = fetch(url, { method: 'POST', headers, body })
    .then(async (answer) => {
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
      answersMs.push(performance.now() - dueMs);
      if (answersMs.length === 1) process.send?.('begun');
    })
    .finally(() => underWay.delete(sent));
  underWay.add(sent);
}
await Promise.all(underWay);
process.send?.(answersMs);
process.disconnect?.();
