import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Open loop: a request is due when it is due, and waits for no answer.
 * @returns milliseconds from when each was due to its answer, in order of answers
 * @throws Error when one is not answered with 200
 */
export async function sendSteadily(
  perSecond: number,
  send: () => Promise<Response>,
  stop: AbortSignal,
): Promise<readonly number[]> {
  const answersMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  for (let i = 0; !stop.aborted; i++) {
    const dueMs = startMs + (1000 * i) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sent = send()
      .then(async (answer) => {
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`${answer.url} answered ${answer.status}`);
        answersMs.push(performance.now() - dueMs);
      })
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return answersMs;
}
