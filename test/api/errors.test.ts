import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS, LutraError } from '../../core/errors.js';
import { HTTP_STATUS } from '../../services/api/http-status.js';
import { toLutraError, toProblem } from '../../services/api/problem.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

describe('error codes', () => {
  it('are documented, and nothing else is', () => {
    const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (yes|no) \| (.+) \|$/gm)].map(
      ([, code, status, again, meaning]) => ({
        code,
        status: Number(status),
        retryable: again === 'yes',
        meaning,
      }),
    );
    const defined = Object.entries(ERRORS).map(([code, { retryable, meaning }]) => ({
      code,
      status: HTTP_STATUS[code as keyof typeof HTTP_STATUS],
      retryable,
      meaning,
    }));
    expect(documented).toEqual(defined);
  });

  it('become problem+json with pointer and details', () => {
    const error = new LutraError('unreachable-budget', 'too small', {
      pointer: '/budget/latencyMs',
      details: { leastMs: 4.1 },
    });
    expect(toProblem(error)).toEqual({
      type: 'urn:lutra:error:unreachable-budget',
      title: 'no width of this network meets the budget',
      status: 422,
      code: 'unreachable-budget',
      detail: 'too small',
      pointer: '/budget/latencyMs',
      retryable: false,
      details: { leastMs: 4.1 },
    });
  });

  it('say nothing of the inside when something unforeseen is thrown', () => {
    const problem = toProblem(
      toLutraError(new TypeError("cannot read properties of undefined (reading 'secret')")),
    );
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('tell a locked database from a bug', () => {
    const locked = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY_SNAPSHOT' });
    expect(toProblem(toLutraError(locked))).toMatchObject({
      status: 503,
      code: 'database-busy',
      retryable: true,
    });
  });
});
