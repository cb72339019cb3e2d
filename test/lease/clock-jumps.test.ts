import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_LEASE_MS } from '../../contracts/job.js';
import { carryOut, expectWork, LEASE_MS, type LeaseWorld, leaseWorld, measureJob } from './lease-world.js';

const DENSE = 'dense:64>10:f32';
const HOUR_MS = 3_600_000;

describe('a clock that jumps', () => {
  let world: LeaseWorld;
  const claim = async (worker: string) => expectWork(await world.source(worker).claim(), 'measure');
  beforeEach(async () => {
    world = leaseWorld();
    await world.submit(measureJob({ ops: [DENSE] }));
    return () => world.db.close();
  });

  it('ahead ends the lease: the job goes to another, and the late result is refused', async () => {
    const late = await claim('w1');
    world.clock.nowMs += HOUR_MS;
    expect(await world.source('w1').heartbeat(late.lease)).toBe('lost');
    const { lease, plan } = await claim('w2');
    expect(lease).toMatchObject({ attempt: 2 });
    const report = { kind: 'measure' as const, report: carryOut(plan) };
    expect(await world.source('w1').complete(late.lease, report)).toBe('lost');
    expect(await world.source('w2').complete(lease, report)).toBe('committed');
    expect(world.db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(1);
  });

  it('back leaves the holder its lease, and tokens go on growing', async () => {
    const { lease, plan } = await claim('w1');
    world.clock.nowMs -= MAX_LEASE_MS / 2;
    expect(await world.source('w2').claim()).toBeNull();
    expect(await world.source('w1').heartbeat(lease)).toBe('held');
    world.clock.nowMs += LEASE_MS + 1;
    const next = await claim('w2');
    expect(next.lease.token).toBeGreaterThan(lease.token);
    expect(await world.source('w1').complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe(
      'lost',
    );
  });

  it('far back does not keep the job of a dead holder: no lease can end so late', async () => {
    const first = await claim('w1');
    world.clock.nowMs -= HOUR_MS;
    const second = await claim('w2');
    expect(second.lease).toMatchObject({ jobId: first.lease.jobId, attempt: 2 });
    expect(second.lease.token).toBeGreaterThan(first.lease.token);
    expect(
      await world.source('w1').complete(first.lease, { kind: 'measure', report: carryOut(first.plan) }),
    ).toBe('lost');
  });

  it('back while a job waits for its next attempt does not make it wait longer', async () => {
    const { lease } = await claim('w1');
    await world.source('w1').fail(lease, { outcome: 'crashed', message: 'unplugged', retry: true });
    world.clock.nowMs -= HOUR_MS;
    expect((await claim('w2')).lease.attempt).toBe(2);
  });
});
