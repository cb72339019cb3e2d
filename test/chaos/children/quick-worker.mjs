// A worker over HTTP whose device is the fake runtime in this very process: everything but the measuring child is the
// product's own. Arguments: api, device, name of the worker, lease in ms.
import { pino } from 'pino';
import { DEFAULT_PROTOCOL } from '../../../dist/contracts/measurement.js';
import { createRuntime } from '../../../dist/runtimes/create-runtime.js';
import { ApiConnection } from '../../../dist/services/lease/api-connection.js';
import { HttpLeaseSource } from '../../../dist/services/lease/http-lease-source.js';
import { measureSession } from '../../../dist/services/worker/measure/measure-session.js';
import { SessionRecord } from '../../../dist/services/worker/measure/session-record.js';
import { runWorker } from '../../../dist/services/worker/run-worker.js';

const [url, device, worker, leaseMs] = process.argv.slice(2);
const api = new ApiConnection(url, undefined, Number(leaseMs) / 2);
const stop = new AbortController();
process.on('disconnect', () => process.exit(1));

const perform = async ({ plan }) => {
  const runtime = await createRuntime(plan);
  const record = new SessionRecord();
  const startedAtMs = Date.now();
  const session = await measureSession(
    runtime,
    { ...plan, protocol: { ...DEFAULT_PROTOCOL, minVisits: 2, maxVisits: 2 } },
    { port: { send: (message) => record.note(message) }, isTimed: false },
  );
  const environment = { ...(await runtime.environment()), pinned: false };
  const { probes, terms, failures } = record;
  const report = {
    environment,
    startedAtMs,
    endedAtMs: Date.now(),
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: session,
    probes,
    subjects: plan.subjects,
    terms,
    failures,
  };
  return { kind: 'report', report: { kind: 'measure', report } };
};

await runWorker({
  source: new HttpLeaseSource(api, { worker, device, leaseMs: Number(leaseMs) }, stop.signal),
  perform,
  leaseMs: Number(leaseMs),
  pollMs: 0,
  graceMs: 500,
  logger: pino({ level: 'warn' }, pino.destination(2)),
  signal: stop.signal,
});
