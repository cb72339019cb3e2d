// Lives until it is told to stop, and says so; with `stubborn` it hears nothing.
import { exitWithParent } from '../../../dist/services/serve/exit-with-parent.js';

const timer = setInterval(() => undefined, 1000);
let stopped = false;
const stop = () => {
  if (process.argv.includes('stubborn')) return;
  if (stopped) return;
  stopped = true;
  console.log('stopping');
  clearInterval(timer);
  if (process.connected) process.disconnect();
};
exitWithParent(stop);
process.on('SIGTERM', stop);
process.send?.({ pid: process.pid, args: process.argv.slice(2) });
