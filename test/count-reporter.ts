import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Counts what ran, and names every skipped test with its reason. Writes the totals to the file that
 * `LUTRA_TEST_COUNTS` names, so that `scripts/verify.mjs` can close with them.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') counts.failed++;
        else {
          counts.skipped++;
          console.log(`skipped: ${test.fullName}`);
        }
      }
      if (tests.every((test) => test.result().state !== 'failed') && module.state() === 'failed')
        counts.failed++;
    }
    const file = process.env.LUTRA_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
