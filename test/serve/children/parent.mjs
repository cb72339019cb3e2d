// Starts a child as `serve` does, tells its pid, and then only waits to be killed.
import { fileURLToPath } from 'node:url';
import { ManagedProcess } from '../../../dist/services/serve/managed-process.js';
import { pino } from '../../../node_modules/pino/pino.js';

const child = new ManagedProcess({
  name: 'child',
  entry: fileURLToPath(new URL('./waits.mjs', import.meta.url)),
  args: [],
  logFile: process.argv[2],
  logger: pino({ level: 'silent' }),
  onMessage: ({ pid }) => process.send({ pid }),
});
child.start();
