import { beforeEach, describe, expect, it } from 'vitest';
import type { MeasurePayload } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { canonicalHash } from '../../db/canonical-json.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { JobLeases } from '../../db/repositories/job-leases.js';
import { jobPage } from '../../db/repositories/job-page.js';
import { JobRepository, type NewJob } from '../../db/repositories/jobs.js';

const NOW_MS = 1_750_000_000_000;

const PAYLOAD: MeasurePayload = {
  kind: 'measure',
  device: 'a',
  networks: [],
  ops: ['dense:64>10:f32'],
  protocol: DEFAULT_PROTOCOL,
  remeasure: false,
};

const job = (more: Partial<NewJob> = {}): NewJob => ({
  kind: 'measure',
  queue: 'device.a',
  priority: 0,
  payload: PAYLOAD,
  ...more,
});

const holder = (worker: string) => ({ worker, device: null, leaseMs: 1_000 });

describe('jobs', () => {
  let db: Database;
  let nowMs: number;
  let jobs: JobRepository;
  let leases: JobLeases;

  beforeEach(() => {
    db = openDatabase(':memory:');
    nowMs = NOW_MS;
    jobs = new JobRepository(db, () => nowMs);
    leases = new JobLeases(db, () => nowMs);
    return () => db.close();
  });

  it('start queued, with all that was asked', () => {
    const created = jobs.create(job({ priority: 3, submittedBy: 'token-1', adaptationId: 'adp_1' }));
    expect(created).toEqual({
      seq: 1,
      id: created.id,
      kind: 'measure',
      queue: 'device.a',
      priority: 3,
      device: 'a',
      status: 'queued',
      outcome: null,
      message: null,
      payload: PAYLOAD,
      progress: null,
      result: null,
      attempts: 0,
      retries: 0,
      leaseToken: null,
      worker: null,
      cancelRequested: false,
      submittedBy: 'token-1',
      adaptationId: 'adp_1',
      createdAtMs: NOW_MS,
      startedAtMs: null,
      finishedAtMs: null,
    });
    expect(jobs.events(created.id, 0)).toEqual([
      { id: 1, jobId: created.id, atMs: NOW_MS, type: 'queued', data: { queue: 'device.a' } },
    ]);
  });

  it('are not found under an unknown id', () => {
    expect(jobs.find('job_x')).toBeUndefined();
    expect(() => jobs.get('job_x')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('are created once for one idempotency key', () => {
    const once = { route: 'POST /measure', key: 'k1', bodyHash: canonicalHash({ device: 'a' }) };
    const first = jobs.create(job(), once);
    expect(jobs.create(job(), once)).toEqual(first);
    expect(jobs.create(job(), { ...once, route: 'POST /other' }).id).not.toBe(first.id);
    expect(() => jobs.create(job(), { ...once, bodyHash: canonicalHash({ device: 'b' }) })).toThrow(
      expect.objectContaining({ code: 'idempotency-mismatch' }),
    );
    expect(jobs.list({ limit: 10 })).toHaveLength(2);
  });

  it('are listed latest first, filtered and page by page', () => {
    const measured = jobs.create(job());
    const trained = jobs.create(job({ kind: 'train', queue: 'train', adaptationId: 'adp_1' }));
    const other = jobs.create(job({ queue: 'device.b', payload: { ...PAYLOAD, device: 'b' } }));
    jobs.finish(measured.id, { outcome: 'timeout', message: 'slow' });
    const ids = (filter: Omit<Parameters<JobRepository['list']>[0], 'limit'>) =>
      jobs.list({ ...filter, limit: 10 }).map(({ id }) => id);
    expect(ids({})).toEqual([other.id, trained.id, measured.id]);
    expect(ids({ status: 'queued' })).toEqual([other.id, trained.id]);
    expect(ids({ outcome: 'timeout' })).toEqual([measured.id]);
    expect(ids({ kind: 'train' })).toEqual([trained.id]);
    expect(ids({ device: 'b' })).toEqual([other.id]);
    expect(ids({ adaptationId: 'adp_1' })).toEqual([trained.id]);
    expect(ids({ before: trained.id })).toEqual([measured.id]);
    expect(jobs.list({ limit: 2 }).map(({ id }) => id)).toEqual([other.id, trained.id]);
    expect(jobs.unfinished().map(({ id }) => id)).toEqual([trained.id, other.id]);
  });

  it.each([
    ['job_by_device', { device: 'a' }],
    ['job_by_device', { device: 'a', kind: 'measure', outcome: 'ok', before: 'job_x' }],
    ['job_by_adaptation', { adaptationId: 'adp_1' }],
  ] as const)('are listed from %s, without reading those of others: %o', (index, filter) => {
    const { rows, parameters } = jobPage({ ...filter, limit: 20 });
    const plan = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${rows}`).all(parameters);
    expect(plan[0]!.detail).toContain(`SEARCH job USING INDEX ${index} `);
    expect(plan.filter(({ detail }) => /^SCAN|TEMP B-TREE/.test(detail))).toEqual([]);
  });

  it('know how many are taken before them', () => {
    const first = jobs.create(job());
    const second = jobs.create(job());
    const urgent = jobs.create(job({ priority: 1 }));
    const elsewhere = jobs.create(job({ queue: 'device.b' }));
    expect([...jobs.waitingAhead([first, second, urgent, elsewhere])].toSorted()).toEqual(
      [
        [first.id, 1],
        [second.id, 2],
        [urgent.id, 0],
        [elsewhere.id, 0],
      ].toSorted(),
    );
    leases.take({ jobId: urgent.id, token: 1, attempt: 1 }, holder('w1'));
    expect([...jobs.waitingAhead([second, urgent])]).toEqual([[second.id, 1]]);
  });

  it('know that submitters take turns', () => {
    const ada = Array.from({ length: 1_000 }, () => jobs.create(job({ submittedBy: 'ada' })));
    leases.take({ jobId: ada[0]!.id, token: 1, attempt: 1 }, holder('w1'));
    const bob = [1, 2].map(() => jobs.create(job({ submittedBy: 'bob' })));
    const run = jobs.create(job({ submittedBy: 'bob', adaptationId: 'adp_1' }));
    const asked = [...bob, run, ada[1]!, ada[2]!, ada[999]!];
    const ahead = jobs.waitingAhead(asked);
    expect(asked.map(({ id }) => ahead.get(id))).toEqual([0, 3, 1, 2, 4, 1001]);
  });

  it('end once', () => {
    const { id } = jobs.create(job());
    nowMs += 5;
    expect(jobs.finish(id, { outcome: 'crashed', message: 'signal SIGSEGV' })).toMatchObject({
      status: 'finished',
      outcome: 'crashed',
      message: 'signal SIGSEGV',
      finishedAtMs: NOW_MS + 5,
    });
    expect(jobs.finish(id, { outcome: 'ok' }).outcome).toBe('crashed');
    expect(jobs.requestCancel(id).cancelRequested).toBe(false);
    expect(jobs.events(id, 0).map(({ type }) => type)).toEqual(['queued', 'finished']);
  });

  it('resume their events after a given one', () => {
    const { id } = jobs.create(job());
    jobs.create(job());
    const asked = jobs.appendEvent(id, 'progress', { done: 1, total: 2 });
    jobs.requestCancel(id);
    jobs.requestCancel(id);
    expect(jobs.events(id, asked).map(({ type }) => type)).toEqual(['cancel-requested']);
    expect(jobs.events(id, 0)[1]).toMatchObject({ type: 'progress', data: { done: 1, total: 2 } });
  });

  it('cannot be finished without an outcome, not even by hand', () => {
    const { id } = jobs.create(job());
    const byHand = (set: string) => db.prepare(`UPDATE job SET ${set} WHERE id = ?`).run(id);
    expect(() => byHand(`status = 'finished', finished_at_ms = 1`)).toThrow('CHECK constraint failed');
    expect(() => byHand(`outcome = 'ok'`)).toThrow('CHECK constraint failed');
    expect(() => byHand(`status = 'lost'`)).toThrow('CHECK constraint failed');
  });

  describe('under a lease', () => {
    const claim = (jobId: string, token: number, attempt = 1) => ({ jobId, token, attempt });

    it('go from leased over running to finished', () => {
      const { id } = jobs.create(job());
      expect(leases.take(claim(id, 4), holder('w1'))).toBe('taken');
      expect(jobs.get(id)).toMatchObject({ status: 'leased', worker: 'w1', leaseToken: 4, attempts: 1 });
      nowMs += 10;
      expect(leases.progress(claim(id, 4), 1_000)).toBe('held');
      expect(leases.progress(claim(id, 4), 1_000, { done: 1, total: 3, note: 'visits' })).toBe('held');
      expect(leases.progress(claim(id, 4), 1_000)).toBe('held');
      expect(jobs.get(id)).toMatchObject({
        status: 'running',
        progress: { done: 1, total: 3, note: 'visits' },
        startedAtMs: NOW_MS,
      });
      expect(leases.finish(claim(id, 4), { outcome: 'ok' })).toBe(true);
      expect(leases.state(claim(id, 4))).toBe('ended');
      expect(jobs.events(id, 0).map(({ type, data }) => ({ type, ...data }))).toEqual([
        { type: 'queued', queue: 'device.a' },
        { type: 'leased', worker: 'w1', attempt: 1 },
        { type: 'progress' },
        { type: 'progress', done: 1, total: 3, note: 'visits' },
        { type: 'finished', outcome: 'ok', message: null },
      ]);
    });

    it('are held by the times of the queue, in the row and in the log, however late those are written', () => {
      const { id } = jobs.create(job());
      const heldUntilMs = () =>
        db.prepare<[string], number>('SELECT lease_until_ms FROM job WHERE id = ?').pluck().get(id);
      nowMs += 30;
      leases.take(claim(id, 4), holder('w1'), NOW_MS + 20);
      expect(heldUntilMs()).toBe(NOW_MS + 1_020);
      nowMs += 30;
      leases.progress(claim(id, 4), 1_000, { done: 1, total: 3 }, NOW_MS + 45);
      expect(heldUntilMs()).toBe(NOW_MS + 1_045);
      expect(jobs.events(id, 0).map(({ atMs }) => atMs - NOW_MS)).toEqual([0, 20, 45]);
    });

    it('change nothing for a holder whose token is no longer the latest', () => {
      const { id } = jobs.create(job());
      leases.take(claim(id, 4), holder('w1'));
      expect(leases.take(claim(id, 5, 2), holder('w2'))).toBe('taken');
      const before = jobs.get(id);
      expect(leases.progress(claim(id, 4), 1_000, { done: 9, total: 9 })).toBe('lost');
      expect(leases.giveBack(claim(id, 4), 'late', true)).toBe(false);
      expect(leases.finish(claim(id, 4), { outcome: 'ok' })).toBe(false);
      expect(leases.take(claim(id, 4), holder('w1'))).toBe('fenced');
      expect(leases.state(claim(id, 4))).toBe('lost');
      expect(jobs.get(id)).toEqual(before);
    });

    it('are fenced off when the job is ended from outside', () => {
      const { id } = jobs.create(job());
      leases.take(claim(id, 4), holder('w1'));
      jobs.finish(id, { outcome: 'cancelled' });
      expect(leases.state(claim(id, 4))).toBe('lost');
      expect(leases.finish(claim(id, 4), { outcome: 'ok' })).toBe(false);
      expect(leases.take(claim(id, 5), holder('w2'))).toBe('fenced');
      expect(jobs.get(id).outcome).toBe('cancelled');
    });

    it('have lost a worker when they are claimed while they are held, but for what their queue forgot', () => {
      const { id } = jobs.create(job());
      const claimAnew = (token: number, attempt: number) => {
        expect(leases.take(claim(id, token, attempt), holder('w1'))).toBe('taken');
        return leases.lostInARow({ jobId: id, attempt });
      };
      expect(leases.lostInARow({ jobId: id, attempt: 1 })).toBe(0);
      expect(claimAnew(4, 1)).toBe(0);
      expect(leases.lostInARow({ jobId: id, attempt: 2 })).toBe(1);
      expect(claimAnew(5, 2)).toBe(1);
      expect(claimAnew(6, 2)).toBe(1);
      leases.progress(claim(id, 6, 2), 1_000);
      expect(claimAnew(7, 3)).toBe(2);
      expect(leases.giveBack(claim(id, 7, 3), 'disturbed', true)).toBe(true);
      expect(leases.lostInARow({ jobId: id, attempt: 4 })).toBe(0);
      expect(jobs.get(id)).toMatchObject({ attempts: 3, retries: 1 });
      claimAnew(8, 4);
      expect(leases.giveBack(claim(id, 8, 4), 'drained', false)).toBe(true);
      expect(jobs.get(id)).toMatchObject({ attempts: 3, retries: 1 });
    });

    it('hear of a cancel, and are queued again when given back', () => {
      const { id } = jobs.create(job());
      leases.take(claim(id, 4), holder('w1'));
      jobs.requestCancel(id);
      expect(leases.progress(claim(id, 4), 1_000)).toBe('cancelled');
      expect(leases.giveBack(claim(id, 4), 'device unplugged', true)).toBe(true);
      expect(jobs.get(id)).toMatchObject({ status: 'queued', worker: null, message: 'device unplugged' });
      expect(leases.state(claim(id, 4))).toBe('lost');
    });
  });
});
