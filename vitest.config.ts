import { defineConfig } from 'vitest/config';

export default defineConfig({
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
