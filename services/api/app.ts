import { setMaxListeners } from 'node:events';
import helmet from '@fastify/helmet';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { LutraError } from '../../core/errors.js';
import type { BlobStore } from '../../db/blob-store.js';
import { LatencyTableCache } from '../../db/load-latency-table.js';
import type { Database } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { ChangeLog } from '../../db/repositories/changes.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';
import { NetworkRepository } from '../../db/repositories/networks.js';
import { TableProvenanceRepository } from '../../db/repositories/table-provenance.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { AdaptationViews } from '../netadapt/adaptation-views.js';
import type { Api } from './api.js';
import type { ApiContext } from './api-context.js';
import { API_MODELS } from './api-models.js';
import { Metrics } from './metrics.js';
import { addOpenApi } from './open-api.js';
import { sendProblem, toLutraError } from './problem.js';
import { readJson } from './read-json.js';
import { adaptationNetworkRoutes } from './routes/adaptation-network.js';
import { adaptationRoutes } from './routes/adaptations.js';
import { blobRoutes } from './routes/blobs.js';
import { changeRoutes } from './routes/changes.js';
import { comparisonRoutes } from './routes/comparisons.js';
import { dashboardRoutes } from './routes/dashboard.js';
import { deviceRoutes } from './routes/devices.js';
import { estimateRoutes } from './routes/estimate.js';
import { fidelityReportRoutes } from './routes/fidelity-reports.js';
import { healthRoutes } from './routes/health.js';
import { inspectRoutes } from './routes/inspect.js';
import { jobRoutes } from './routes/jobs.js';
import { latencyTableRoutes } from './routes/latency-table.js';
import { leaseRoutes } from './routes/leases.js';
import { measureRoutes } from './routes/measure.js';
import { measuredNetworkRoutes } from './routes/measured-networks.js';
import { measuredSessionRoutes } from './routes/measured-sessions.js';
import { metricsRoutes } from './routes/metrics.js';
import { pairingRoutes } from './routes/pairings.js';
import { queueRoutes } from './routes/queue.js';
import { sessionRoutes } from './routes/session.js';
import { zooRoutes } from './routes/zoo.js';
import { schemaValidator } from './schema-validator.js';
import { authorize } from './security/authorize.js';
import { DEFAULT_LIMITS, limitRequests, type RequestLimits } from './security/limit-requests.js';
import { loggedUrl } from './security/logged-url.js';
import { requireScopes } from './security/require-scopes.js';
import type { Certificate } from './self-signed.js';
import { tlsServer } from './tls-server.js';
import { gateWrites } from './write-gate.js';

export interface AppOptions {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  /** Absent: no log. */
  readonly logger?: FastifyBaseLogger;
  readonly version?: string;
  /** Folders whose data sets callers with a token may name; callers of this machine that need none may name any. */
  readonly datasetFolders?: readonly string[];
  readonly limits?: RequestLimits;
  /** Answers over TLS with it; absent: plain HTTP. */
  readonly certificate?: Certificate;
}

/** JSON bodies; routes that take more say so. */
const BODY_LIMIT_BYTES = 2 ** 20;

/** Answers are data: a browser that shows one as a page loads and runs nothing. `/docs` sets its own policy. */
const CONTENT_SECURITY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** The api, apart from listening: every route, over the given database and queue. Closing it leaves both open. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    ...(options.certificate === undefined ? {} : { serverFactory: tlsServer(options.certificate) }),
    bodyLimit: BODY_LIMIT_BYTES,
    // A proxy on this machine tells where its callers are; nobody else is believed.
    trustProxy: 'loopback',
    forceCloseConnections: 'idle',
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, _request, reply) => sendProblem(reply, toLutraError(error)),
  });
  const api: Api = app.withTypeProvider<TypeBoxTypeProvider>();
  const closing = new AbortController();
  // One for each open event stream.
  setMaxListeners(0, closing.signal);
  app.addHook('preClose', async () => closing.abort());
  await app.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY } });
  const context = createContext(options, closing.signal);
  requireScopes(api);
  gateWrites(api, context.db);
  setRules(api, context, await limitRequests(api, options.limits ?? DEFAULT_LIMITS));
  await addOpenApi(api, options.version ?? '0.0.0', API_MODELS);
  addRoutes(api, context);
  await dashboardRoutes(api);
  return app;
}

function createContext(
  { db, queue, blobs, datasetFolders = [] }: AppOptions,
  closing: AbortSignal,
): ApiContext {
  const devices = new DeviceRepository(db);
  const jobs = new JobRepository(db);
  const adaptations = new AdaptationRepository(db);
  return {
    db,
    queue,
    blobs,
    jobs,
    devices,
    networks: new NetworkRepository(db),
    adaptations,
    adaptationViews: new AdaptationViews(adaptations, jobs),
    tableRows: new LatencyTableRepository(db),
    changes: new ChangeLog(db),
    provenance: new TableProvenanceRepository(db),
    tokens: new TokenRepository(db),
    tables: new LatencyTableCache(db),
    metrics: new Metrics({ db, jobs, devices }),
    datasetFolders,
    closing,
  };
}

/** What holds for every request, whatever its route. */
function setRules(
  api: Api,
  { tokens, metrics, closing }: ApiContext,
  countRefusal: (request: FastifyRequest) => Promise<void>,
): void {
  api.setValidatorCompiler(schemaValidator);
  // Answers are built by our own code from typed values; response schemas are documentation, held by tests.
  api.setSerializerCompiler(() => (value) => JSON.stringify(value));
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, readJson(text as string));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  api.decorateRequest('principal', null);
  api.addHook('onRequest', authorize(tokens, countRefusal));
  // Answers that were on their way when the api began to close: their connections are not kept for another request.
  api.addHook('onSend', async (_request, reply) => {
    if (closing.aborted) reply.header('connection', 'close');
  });
  api.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const { method, url, log, principal, routeOptions } = request;
    metrics.observe(method, routeOptions.url ?? 'none', statusCode, elapsedTime);
    const level = method === 'GET' ? 'debug' : 'info';
    const by = principal?.name;
    log[level]({ method, url: loggedUrl(url), by, statusCode, durationMs: elapsedTime }, 'answered');
  });
  api.setErrorHandler((thrown, request, reply) => {
    const error = toLutraError(thrown);
    if (error.code === 'internal') request.log.error({ err: thrown, url: loggedUrl(request.url) }, 'bug');
    return sendProblem(reply, error);
  });
  api.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new LutraError('not-found', `there is no resource ${request.method} ${request.url}`)),
  );
}

function addRoutes(api: Api, context: ApiContext): void {
  healthRoutes(api, context);
  metricsRoutes(api, context);
  sessionRoutes(api, context);
  pairingRoutes(api, context);
  zooRoutes(api);
  inspectRoutes(api);
  estimateRoutes(api, context);
  measureRoutes(api, context);
  comparisonRoutes(api, context);
  jobRoutes(api, context);
  queueRoutes(api, context);
  measuredSessionRoutes(api, context);
  deviceRoutes(api, context);
  latencyTableRoutes(api, context);
  measuredNetworkRoutes(api, context);
  fidelityReportRoutes(api, context);
  adaptationRoutes(api, context);
  adaptationNetworkRoutes(api, context);
  blobRoutes(api, context);
  changeRoutes(api, context);
  leaseRoutes(api, context);
}
