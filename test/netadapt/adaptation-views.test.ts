import { beforeEach, describe, expect, it } from 'vitest';
import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobLeases } from '../../db/repositories/job-leases.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { foldAdaptationView } from '../../services/netadapt/adaptation-view.js';
import { AdaptationViews } from '../../services/netadapt/adaptation-views.js';
import { settingsOfRequest } from '../../services/netadapt/settings-of-request.js';
import { trainJob } from '../lease/lease-world.js';
import { SimulatedDevice } from './simulated-device.js';
import { simulate } from './simulated-run.js';

const REQUEST: AdaptationRequest = {
  device: 'local',
  candidate: { zoo: 'mobilenet-v3-tiny', options: { width: 1.5 } },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.7 },
  initialReduction: 0.08,
};

describe('views of runs', () => {
  let db: Database;
  let runs: AdaptationRepository;
  let views: AdaptationViews;

  beforeEach(() => {
    db = openDatabase(':memory:');
    runs = new AdaptationRepository(db);
    views = new AdaptationViews(runs, new JobRepository(db));
    return () => db.close();
  });

  const create = () => runs.create(completeAdaptation(REQUEST)).id;
  const view = (id: string) => views.of(runs.get(id));

  it('are those of their events, after every one of them', () => {
    const id = create();
    const { events } = simulate(settingsOfRequest(runs.get(id).request), new SimulatedDevice(), []);
    events.forEach(({ type, ...data }, i) => {
      expect(view(id)).toEqual(foldAdaptationView(runs.get(id), runs.events(id, 0)));
      runs.appendEvent(id, i + 1, type, data);
    });
    expect(view(id)).toMatchObject({ phase: 'done', budgetMet: true });
    expect(view(id).iterations.length).toBeGreaterThan(1);
  });

  it('are folded once for each event, and follow what moves without one', () => {
    const id = create();
    const fold = () => view(id).iterations;
    const first = fold();
    expect(fold()).toBe(first);
    const jobs = new JobRepository(db);
    const training = jobs.create({ ...trainJob(), adaptationId: id });
    const { done } = view(id).progress;
    const leases = new JobLeases(db);
    const claim = { jobId: training.id, token: 1, attempt: 1 };
    leases.take(claim, { worker: 'w', device: null, leaseMs: 1_000 });
    leases.progress(claim, 1_000, { done: 40, total: 1_500 });
    expect(view(id).progress.done).toBeGreaterThan(done);
    runs.begin(id, runs.claimOwnership(id, 'test', 1_000)!);
    expect(view(id).status).toBe('running');
    expect(fold()).toBe(first);
    runs.appendEvent(id, 1, 'cancelled', { key: 'cancel' });
    expect(fold()).not.toBe(first);
  });

  it('are held of the runs looked at last', () => {
    const ids = Array.from({ length: 17 }, create);
    const [kept, ...others] = ids.map((id) => view(id).iterations);
    expect(view(ids[16]!).iterations).toBe(others[15]);
    expect(view(ids[0]!).iterations).not.toBe(kept);
  });
});
