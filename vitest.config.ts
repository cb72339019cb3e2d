import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** In few files, as the build joins it. */
const typebox = fileURLToPath(new URL('dist/node_modules/typebox', import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^typebox$/, replacement: `${typebox}/index.js` },
      { find: /^typebox\/(compile|value)$/, replacement: `${typebox}/$1.js` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Child processes run built JavaScript: compile once before the first test.
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second, the default, passes for nothing but the load of the machine.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default', './test/count-reporter.ts'],
  },
});
