import { fileURLToPath } from 'node:url';

/** The process that `lutra serve` starts: built JavaScript beside this file's own build. */
export const SERVE_ENTRY = fileURLToPath(new URL('../services/serve/main.js', import.meta.url));
