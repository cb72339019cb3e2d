import { describe, expect, onTestFinished, test } from 'vitest';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { ENVIRONMENT, MOVED } from '../db/session-report.js';
import { type SessionFate, workMeasureJobs } from './measuring-worker.js';
import { runLutra, startApi, startLutra } from './run-lutra.js';

const BUILD = ['table', 'build', 'mobilenet-v3-tiny', '--step', '64'];
const SOUND: SessionFate = {};
const REJECTED: SessionFate = { observations: MOVED };

/** The real api with a described device, whose sessions go as they are told; null: nobody works. */
async function world(fateOf: Parameters<typeof workMeasureJobs>[2] | null) {
  const api = await startApi();
  const devices = new DeviceRepository(api.db);
  devices.register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
  devices.setEnvironment('local', ENVIRONMENT);
  const stop = new AbortController();
  const working = fateOf === null ? undefined : workMeasureJobs(api.db, stop.signal, fateOf);
  onTestFinished(async () => {
    stop.abort();
    await working;
    await api.stop();
  });
  const options = { env: { LUTRA_URL: api.url } };
  return {
    run: (...args: readonly string[]) => runLutra(args, options),
    start: (...args: readonly string[]) => startLutra(args, options),
    jobs: () => new JobRepository(api.db).list({ limit: 100 }),
  };
}

describe('lutra table build', () => {
  test('measures again what rejected sessions left out, says so, and counts them', async () => {
    // A job whose session was rejected waits behind the next one: three attempts of the first job, two of the second.
    const { run } = await world((session) => (session < 5 ? REJECTED : SOUND));
    const { code, stdout, stderr } = await run(...BUILD, '--networks', '2', '--json');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /(\d+) of \d+ ops and networks got no figure: \1 × unstable \(affinity: .*\)\. Again, 2 of 3\.\n/,
    );
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ complete: true, left: [], leftNetworks: [], missingNetworks: 2 });
    expect(result.measured).toBe(result.ops);
    // Three attempts of two of the three jobs, one of the third, and one of what the first one left.
    expect(result.cost).toMatchObject({ jobs: 4, sessions: 8 });
    expect(result.calibration).toMatchObject({ networks: 2, scale: expect.closeTo(1.1, 3) });
  });

  test.each([
    { step: '64', networks: 1, sessions: [1, 1, 1] },
    { step: '64', networks: 2, sessions: [2, 2, 2] },
    { step: '64', networks: 8, sessions: Array(12).fill(2) },
    { step: '8', networks: 3, sessions: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0] },
  ])('measures each of $networks networks in three sessions far apart, at steps of $step', async (asked) => {
    const { run, jobs } = await world(() => SOUND);
    const options = ['--step', asked.step, '--networks', String(asked.networks)];
    expect((await run('table', 'build', 'mobilenet-v3-tiny', ...options)).code).toBe(0);
    const dealt = [...jobs()]
      .reverse()
      .map(({ payload }) =>
        payload.kind === 'measure' ? payload.networks.map((network) => JSON.stringify(network)) : [],
      );
    expect(dealt.map(({ length }) => length)).toEqual(asked.sessions);
    for (const network of new Set(dealt.flat())) {
      const sessions = dealt.flatMap((networks, i) => (networks.includes(network) ? [i] : []));
      expect(sessions).toHaveLength(3);
      // The next job is submitted while one runs: two may have changed places.
      const apart = Math.floor(dealt.length / 3) - 1;
      expect(sessions[1]! - sessions[0]!).toBeGreaterThanOrEqual(apart);
      expect(sessions[2]! - sessions[1]!).toBeGreaterThanOrEqual(apart);
    }
  });

  test('ends with 1 and names what stays without a figure', async () => {
    const { run, jobs } = await world(() => REJECTED);
    const { code, stdout } = await run(...BUILD, '--networks', '0', '--json');
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ complete: false, measured: 0, msPerOp: null });
    expect(result.left).toHaveLength(result.ops);
    expect(result.left[0]).toMatchObject({ kind: 'unstable', what: expect.stringContaining(':f32') });
    expect(jobs()).toHaveLength(3);
    expect(new Set(jobs().map(({ attempts }) => attempts))).toEqual(new Set([3]));
  });

  test('does not ask again for an op that the device does not have', async () => {
    const lacking = { kind: 'unsupported-op' as const, message: 'no such op' };
    const { run, jobs } = await world((_, { subjects }) => ({
      failures: subjects
        .filter((subject) => subject.kind === 'op' && subject.key.startsWith('squeezeExcite'))
        .map(({ id }) => ({ subjectId: id, ...lacking })),
    }));
    const { code, stdout } = await run(...BUILD, '--networks', '0');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /Without a figure, of the ops: \d+\n {2}squeezeExcite:\S+ {2}unsupported-op: no such op/,
    );
    expect(stdout).toContain('The table of local is NOT complete');
    expect(jobs()).toHaveLength(1);
  });

  test('measures nothing that is there already', async () => {
    const { run, jobs } = await world(() => SOUND);
    expect((await run(...BUILD, '--networks', '2')).code).toBe(0);
    const before = jobs().length;
    const { code, stdout, stderr } = await run(...BUILD, '--networks', '2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/, all measured already; 2 networks to calibrate, all measured already\.\n$/);
    expect(stdout).toMatch(
      /^The table of local is complete for mobilenet-v3-tiny: \d+ ops in all, calibrated on 2 networks\.\n$/,
    );
    expect(jobs()).toHaveLength(before);
  });

  test('stops at a device in quarantine, and leaves nothing waiting', async () => {
    const { run, jobs } = await world((session) => ({ anchorNs: session === 0 ? 300_000 : 900_000 }));
    expect((await run('measure', 'mobilenet-v3-tiny')).code).toBe(0);
    const { code, stderr } = await run(...BUILD, '--networks', '0', '--step', '8');
    expect(code).toBe(1);
    expect(stderr).toContain("lutra: device 'local' is in quarantine");
    expect(stderr).toContain('lutra devices resume local, then the same command goes on from there');
    expect(jobs().filter(({ status }) => status !== 'finished')).toEqual([]);
  });

  test('ends with 130 at Ctrl-C, and takes back what waits', async () => {
    const { start, jobs } = await world(null);
    const building = start(...BUILD, '--step', '8', '--json');
    await building.said(/Measuring \d+ ops/);
    await expect.poll(() => jobs().length).toBe(2);
    building.kill('SIGINT');
    const { code, stdout } = await building.finished;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'interrupted', hint: expect.stringContaining('the same command goes on from there') },
    });
    expect(jobs().map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  });

  test('ends when somebody cancels its job', async () => {
    const { start, run, jobs } = await world(null);
    const building = start(...BUILD);
    await building.said(/Measuring \d+ ops/);
    await run('jobs', 'cancel', jobs().at(-1)!.id);
    const { code, stderr } = await building.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/lutra: job job_\w+ was cancelled/);
  });

  test('of a family that is none is a wrong command line', async () => {
    const { run } = await world(null);
    const { code, stdout, stderr } = await run('table', 'build', 'mobilenet-v9');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('lutra zoo lists the names');
  });
});

describe('lutra fidelity', () => {
  const FIDELITY = ['fidelity', '--family', 'mobilenet-v3-tiny', '--networks', '3', '--calibrate', '2'];

  test('without a network to judge by is a wrong command line', async () => {
    const { run } = await world(null);
    expect((await run('fidelity', '--networks', '0')).code).toBe(2);
  });

  test('says why, when no network got a figure', async () => {
    const { run } = await world((_, { subjects }) =>
      subjects.filter(({ kind }) => kind === 'network').length === 3 ? REJECTED : SOUND,
    );
    const { code, stdout, stderr } = await run(...FIDELITY);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/lutra: no held-out network got a figure: 6 × unstable \(affinity: /);
  }, 90_000);

  test('takes over what an interrupted run has measured, and measures anew once there is a report', async () => {
    let open: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let judged = 0;
    const { start, run, jobs } = await world(async (_, { subjects }) => {
      if (subjects.filter(({ kind }) => kind === 'network').length === 3 && ++judged === 2) await gate;
      return SOUND;
    });
    const heldOut = () =>
      jobs().filter(({ payload }) => payload.kind === 'measure' && payload.purpose === 'held-out').length;
    const interrupted = start(...FIDELITY);
    await interrupted.said(/Measuring 3 networks, second time/);
    await expect.poll(() => judged).toBe(2);
    interrupted.kill('SIGINT');
    expect((await interrupted.finished).code).toBe(130);
    open!();
    const { code, stdout, stderr } = await run(...FIDELITY, '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      calibrated: { networks: 3, meanAbsoluteError: expect.closeTo(0, 3) },
      raw: { meanAbsoluteError: expect.closeTo(0.1 / 1.1, 3) },
      repeated: { networks: 3, meanDeviation: 0 },
      left: [],
      incomplete: 0,
    });
    expect(heldOut()).toBe(2);
    expect((await run(...FIDELITY)).code).toBe(0);
    expect(heldOut()).toBe(4);
  });

  test('ends with 1 where networks were measured only once', async () => {
    let judged = 0;
    const { run } = await world((_, { subjects }) => {
      const isJudged = subjects.filter(({ kind }) => kind === 'network').length === 3;
      return isJudged && judged++ > 0 ? REJECTED : SOUND;
    });
    const { code, stdout } = await run(...FIDELITY);
    expect(code).toBe(1);
    expect(stdout).toContain('No network was measured twice');
    expect(stdout).toMatch(
      /Without a figure, of the ops and networks: 3\n {2}mobilenet-v3-tiny-random-1000 {2}unstable/,
    );
  });
});
