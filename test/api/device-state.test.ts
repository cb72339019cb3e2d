import { beforeEach, describe, expect, it } from 'vitest';
import { submitJob } from '../../services/lease/submit-job.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { measureJob } from '../lease/lease-world.js';
import { DENSE } from './lease-desk.js';
import { startTestApp, type TestApp } from './test-app.js';

describe('what a device says of itself', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp();
    return () => app.close();
  });
  const device = async () => (await app.get('/devices/bench')).json();

  it('is its environment, which has to fit how it is registered', async () => {
    expect((await app.send('PUT', '/devices/bench/environment', ENVIRONMENT)).json()).toMatchObject({
      environment: ENVIRONMENT,
    });
    const wrong = await app.send('PUT', '/devices/bench/environment', { ...ENVIRONMENT, threads: 4 });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({ pointer: '/threads' });
    expect((await app.send('PUT', '/devices/nobody/environment', ENVIRONMENT)).statusCode).toBe(404);
  });

  it('makes it active; it is offline when nothing was heard of it for 20 s', async () => {
    expect((await device()).state).toBe('offline');
    await app.send('POST', '/leases', { worker: 'w', device: 'bench' });
    expect((await device()).state).toBe('active');
    app.db.prepare('UPDATE device SET last_seen_at_ms = last_seen_at_ms - 20001').run();
    expect((await device()).state).toBe('offline');
  });

  it('stands behind drain and quarantine, which resume ends', async () => {
    await app.send('POST', '/leases', { worker: 'w', device: 'bench' });
    expect((await app.inject({ method: 'POST', url: '/devices/bench/drain' })).json().state).toBe('draining');
    app.db.prepare("UPDATE device SET quarantine = 'hot'").run();
    expect(await device()).toMatchObject({ state: 'quarantined', quarantine: 'hot' });
    const { id } = await submitJob(app.db, app.queue, measureJob({ device: 'bench', ops: [DENSE] }));
    expect((await app.get(`/jobs/${id}`)).json().waitsFor).toMatchObject({
      reason: 'device-quarantined',
      detail: "device 'bench' is in quarantine (hot); resume it",
    });
    expect((await app.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(204);
    expect((await app.inject({ method: 'POST', url: '/devices/bench/resume' })).json()).toMatchObject({
      state: 'active',
      quarantine: null,
    });
    expect((await app.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(200);
  });

  it('includes the classes it belongs to, kept when they are not named again', async () => {
    const registration = { name: 'pi', runtime: 'fake' };
    const labelled = await app.send('POST', '/devices', { ...registration, labels: ['pi4', 'office'] });
    expect(labelled.json().labels).toEqual(['office', 'pi4']);
    expect((await app.send('POST', '/devices', registration)).json().labels).toEqual(['office', 'pi4']);
    expect((await app.send('POST', '/devices', { ...registration, labels: [] })).json().labels).toEqual([]);
    const wrong = await app.send('POST', '/devices', { ...registration, labels: ['a.b'] });
    expect(wrong.json()).toMatchObject({ pointer: '/labels/0' });
  });
});
