import { examineTiming } from './examine-timing.js';

/** `node timing-child.js` prints what the core that it runs on adds to timings, as JSON on standard output. */
process.stdout.write(JSON.stringify(examineTiming()));
