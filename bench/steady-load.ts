import { sendSteadily } from './send-steadily.js';

/**
 * A process of its own that sends the same estimate at a fixed rate until it is told to stop, then says how long each
 * took: `node steady-load.js URL RATE BODY`. It says `begun` when the first is answered.
 */
const [url = '', rate = '', body = ''] = process.argv.slice(2);
const headers = { 'content-type': 'application/json' };
const stop = new AbortController();
process.on('message', () => stop.abort());

let hasBegun = false;
async function send(): Promise<Response> {
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!hasBegun) process.send?.('begun');
  hasBegun = true;
  return answer;
}

const answersMs = await sendSteadily(Number(rate), send, stop.signal);
process.send?.(answersMs);
process.disconnect?.();
