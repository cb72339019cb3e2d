import { beforeEach, describe, expect, it } from 'vitest';
import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { driveTo } from './drive-to.js';

const REQUEST: AdaptationRequest = {
  device: 'a',
  candidate: { zoo: 'mobilenet-v3-tiny' },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.6 },
};

describe('adaptations', () => {
  let db: Database;
  let nowMs: number;
  let adaptations: AdaptationRepository;

  beforeEach(() => {
    db = openDatabase(':memory:');
    nowMs = 1_750_000_000_000;
    adaptations = new AdaptationRepository(db, () => nowMs);
    return () => db.close();
  });

  it('keep their request', () => {
    const { id } = adaptations.create(REQUEST);
    expect(adaptations.get(id)).toEqual({
      id,
      request: REQUEST,
      status: 'queued',
      cancelRequested: false,
      submittedBy: null,
      createdAtMs: 1_750_000_000_000,
      updatedAtMs: 1_750_000_000_000,
    });
    expect(() => adaptations.get('adp_x')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('are created once for one idempotency key', () => {
    const once = { route: 'POST /adaptations', key: 'k1', bodyHash: 'h1' };
    expect(adaptations.create(REQUEST, once).id).toBe(adaptations.create(REQUEST, once).id);
    expect(() => adaptations.create(REQUEST, { ...once, bodyHash: 'h2' })).toThrow(
      expect.objectContaining({ code: 'idempotency-mismatch' }),
    );
  });

  it('are listed latest first', () => {
    const [first, second, third] = [1, 2, 3].map(() => adaptations.create(REQUEST).id);
    driveTo(adaptations, second!, 'finished');
    const ids = (filter: Parameters<AdaptationRepository['list']>[0]) =>
      adaptations.list(filter).map(({ id }) => id);
    expect(ids({ limit: 10 })).toEqual([third, second, first]);
    expect(ids({ limit: 1 })).toEqual([third]);
    expect(ids({ limit: 10, before: third! })).toEqual([second, first]);
    expect(ids({ limit: 10, status: 'finished' })).toEqual([second]);
  });

  it('take each numbered event once, in order', () => {
    const { id } = adaptations.create(REQUEST);
    nowMs += 7;
    expect(adaptations.appendEvent(id, 1, 'seed-trained', { accuracy: 0.98 })).toBe(true);
    expect(adaptations.appendEvent(id, 1, 'seed-trained', { accuracy: 0.5 })).toBe(false);
    expect(adaptations.appendEvent(id, 2, 'seed-measured', null)).toBe(true);
    expect(() => adaptations.appendEvent(id, 4, 'later', {})).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
    expect(() => adaptations.appendEvent(id, 0, 'zeroth', {})).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
    expect(adaptations.events(id, 0)).toEqual([
      { seq: 1, atMs: nowMs, type: 'seed-trained', data: { accuracy: 0.98 } },
      { seq: 2, atMs: nowMs, type: 'seed-measured', data: null },
    ]);
    expect(adaptations.events(id, 1).map(({ seq }) => seq)).toEqual([2]);
    expect(adaptations.get(id).updatedAtMs).toBe(nowMs);
  });

  it('are asked to stop, and that can be taken back', () => {
    const { id } = adaptations.create(REQUEST);
    expect(adaptations.requestCancel(id).cancelRequested).toBe(true);
    expect(adaptations.resume(id)).toMatchObject({ cancelRequested: false, status: 'queued' });
  });

  it('end as their owner says, and stay as another left them', () => {
    const { id } = adaptations.create(REQUEST);
    adaptations.claimOwnership(id, 'o1', 1_000);
    expect(adaptations.begin(id, 1)).toBe(true);
    nowMs += 1_000;
    adaptations.claimOwnership(id, 'o2', 1_000);
    adaptations.end(id, 1, 'failed');
    expect(adaptations.get(id).status).toBe('running');
    expect(adaptations.begin(id, 1)).toBe(false);
    adaptations.end(id, 2, 'finished');
    expect(adaptations.get(id).status).toBe('finished');
    expect(adaptations.resume(id).status).toBe('finished');
  });

  it.each(['failed', 'cancelled'] as const)(
    'are queued when they are resumed before "%s" is written',
    (end) => {
      const { id } = adaptations.create(REQUEST);
      adaptations.claimOwnership(id, 'o1', 1_000);
      adaptations.begin(id, 1);
      adaptations.requestCancel(id);
      adaptations.appendEvent(id, 1, end, {});
      expect(adaptations.resume(id).status).toBe('queued');
      adaptations.end(id, 1, end);
      expect(adaptations.get(id).status).toBe('queued');
    },
  );

  it('are queued when the wish to cancel is taken back before it is followed', () => {
    const { id } = adaptations.create(REQUEST);
    adaptations.claimOwnership(id, 'o1', 1_000);
    adaptations.begin(id, 1);
    adaptations.requestCancel(id);
    expect(adaptations.resume(id).status).toBe('running');
    adaptations.appendEvent(id, 1, 'cancelled', {});
    adaptations.end(id, 1, 'cancelled');
    expect(adaptations.get(id).status).toBe('queued');
  });

  it('have one owner at a time', () => {
    const { id } = adaptations.create(REQUEST);
    expect(adaptations.unowned()).toEqual([id]);
    expect(adaptations.claimOwnership(id, 'o1', 1_000)).toBe(1);
    expect(adaptations.unowned()).toEqual([]);
    expect(adaptations.claimOwnership(id, 'o2', 1_000)).toBeNull();
    nowMs += 900;
    expect(adaptations.renew(id, 1, 1_000)).toBe(true);
    nowMs += 900;
    expect(adaptations.claimOwnership(id, 'o2', 1_000)).toBeNull();
    nowMs += 200;
    expect(adaptations.renew(id, 1, 1_000)).toBe(false);
    expect(adaptations.unowned()).toEqual([id]);
    expect(adaptations.claimOwnership(id, 'o2', 1_000)).toBe(2);
    adaptations.release(id, 1);
    expect(adaptations.renew(id, 2, 1_000)).toBe(true);
    adaptations.release(id, 2);
    expect(adaptations.claimOwnership(id, 'o3', 1_000)).toBe(3);
  });

  it('need no owner once they ended', () => {
    const { id } = adaptations.create(REQUEST);
    driveTo(adaptations, id, 'failed');
    expect(adaptations.unowned()).toEqual([]);
  });
});
