import { fileURLToPath } from 'node:url';

/** The process that measures or trains for a server. */
export const WORKER_ENTRY = fileURLToPath(new URL('../services/worker/main.js', import.meta.url));
