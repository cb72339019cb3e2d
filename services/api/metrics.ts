import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { OperatingFigures } from '../../db/repositories/operating-figures.js';
import type { ApiContext } from './api-context.js';

/** Half a millisecond to ten seconds: an estimate from memory, and an answer that someone gave up waiting for. */
const BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What Prometheus reads. Figures of the database are read when it asks, those of requests are kept as they come. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests: Histogram;
  private readonly estimates: Histogram;

  constructor(context: Pick<ApiContext, 'db' | 'jobs' | 'devices'>) {
    collectDefaultMetrics({ register: this.registry, prefix: 'lutra_' });
    const registers = [this.registry];
    this.requests = new Histogram({
      name: 'lutra_http_request_duration_seconds',
      help: 'Answers of the api, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS_S,
      registers,
    });
    this.estimates = new Histogram({
      name: 'lutra_estimate_duration_seconds',
      help: 'POST /estimate that succeeded, whatever the number of candidates',
      buckets: BUCKETS_S,
      registers,
    });
    addDatabaseGauges(this.registry, context);
  }

  /** @param route as declared, never as called: addresses without end would be series without end */
  observe(method: string, route: string, status: number, durationMs: number): void {
    this.requests.observe({ method, route, status }, durationMs / 1000);
    if (route === '/estimate' && status === 200) this.estimates.observe(durationMs / 1000);
  }
}

function addDatabaseGauges(
  registry: Registry,
  { db, jobs, devices }: Pick<ApiContext, 'db' | 'jobs' | 'devices'>,
): void {
  const figures = new OperatingFigures(db);
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    read: (gauge: Gauge) => void | Promise<void>,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        await read(this);
      },
    });
  };
  gauge(
    'lutra_queue_jobs',
    'Jobs in a queue: one for each device, one for training',
    ['queue', 'state'],
    (g) => {
      for (const [name, { waiting, leased }] of jobs.depths()) {
        g.set({ queue: name, state: 'waiting' }, waiting);
        g.set({ queue: name, state: 'leased' }, leased);
      }
    },
  );
  gauge(
    'lutra_lease_age_seconds',
    'How long the oldest job under a lease has been worked on',
    ['queue'],
    (g) => {
      for (const { queue: name, sinceMs } of figures.oldestLeases())
        g.set({ queue: name }, (Date.now() - sinceMs) / 1000);
    },
  );
  gauge('lutra_jobs', 'Jobs by outcome; by status while they have none', ['kind', 'outcome'], async (g) => {
    for (const { kind, outcome, jobs: count } of await figures.jobsByOutcome())
      g.set({ kind, outcome }, count);
  });
  gauge('lutra_measurements', 'Measurements kept, by verdict', ['subject', 'verdict'], async (g) => {
    for (const { subject, verdict, measurements } of await figures.measurementsByVerdict())
      g.set({ subject, verdict }, measurements);
  });
  gauge('lutra_adaptations', 'Adaptations by status', ['status'], (g) => {
    for (const { status, adaptations } of figures.adaptationsByStatus()) g.set({ status }, adaptations);
  });
  gauge('lutra_device_silence_seconds', "Since a device's worker was last heard of", ['device'], (g) => {
    for (const { name, lastSeenAtMs } of devices.list())
      if (lastSeenAtMs !== null) g.set({ device: name }, (Date.now() - lastSeenAtMs) / 1000);
  });
}
