import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { judgeSession } from '../../core/measurement/judge-session.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

test('where nothing can pin a process, a session asked for no core, and its verdict says so', async () => {
  // A system without util-linux: before anything looks for its tools.
  process.env.PATH = [temporaryDirectory(), temporaryDirectory()].join(delimiter);
  const { superviseSession } = (await import(
    new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
  )) as typeof import('../../services/worker/measure/supervise-session.js');
  const key = 'dense:64>32:relu:f32';
  const report = await superviseSession(
    {
      runtime: 'fake',
      threads: 1,
      seed: 1,
      subjects: [{ kind: 'op', id: key, key }],
      protocol: DEFAULT_PROTOCOL,
    },
    { cores: [0], signal: new AbortController().signal },
  );
  expect(report.failures).toEqual([]);
  expect(report.observations).not.toHaveProperty('coresRequested');
  const timed = { ...report, environment: { flags: {} } };
  const { checks } = judgeSession(timed, null);
  expect(checks.find(({ name }) => name === 'affinity')).toMatchObject({
    state: 'warn',
    detail: 'not pinned to a core',
  });
});
