import { Type } from 'typebox';
import { AdaptationRequest, AdaptationView } from '../../../contracts/adaptation.js';
import {
  AdaptationAccepted,
  AdaptationList,
  AdaptationListQuery,
} from '../../../contracts/http/adaptations.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import type { Idempotency } from '../../../db/idempotent.js';
import type { AdaptationRow } from '../../../db/repositories/adaptation-row.js';
import { write } from '../../../db/write.js';
import { isBeyondResuming, RESUMABLE_DAYS } from '../../blobs/resumable.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { checkAdaptation } from '../check-adaptation.js';
import { completeAdaptation } from '../complete-adaptation.js';
import { EventStream, sendEventStream } from '../event-stream.js';
import { idempotencyKey } from '../idempotency-key.js';
import { refuseUnknownBefore } from '../refuse-unknown-before.js';
import type { Principal } from '../security/principal.js';

const DEFAULT_PAGE = 20;
const AdaptationId = Type.Object({ id: Type.String() });
const ENDED: ReadonlySet<string> = new Set(['finished', 'failed', 'cancelled']);

export function adaptationRoutes(api: Api, context: ApiContext): void {
  const { adaptations } = context;
  const view = (row: AdaptationRow): AdaptationView => context.adaptationViews.of(row);

  const create = async (
    body: AdaptationRequest,
    principal: Principal | null,
    idempotency: Idempotency | undefined,
  ): Promise<AdaptationRow> => {
    const checked = await checkAdaptation(context, body, principal);
    return adaptations.create(completeAdaptation(checked), idempotency, principal?.name);
  };

  api.post(
    '/adaptations',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['adapting'],
        summary: 'Shape a network to a latency budget with NetAdapt',
        description: 'Idempotency-Key: the same key and body give the same run.',
        body: AdaptationRequest,
        response: { 202: AdaptationAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<AdaptationAccepted> => {
      const idempotency = idempotencyKey(request, 'POST /adaptations');
      // A repeat gets its run, whatever has become of data set or device meanwhile.
      const created = idempotency && adaptations.findCreated(idempotency);
      const row = created ?? (await create(request.body, request.principal, idempotency));
      reply.code(202).header('location', `/adaptations/${row.id}`);
      return { adaptation: view(row) };
    },
  );

  api.get(
    '/adaptations',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['adapting'],
        summary: 'Adaptations, the latest first',
        querystring: AdaptationListQuery,
        response: { 200: AdaptationList, '4xx': Problem },
      },
    },
    async (request): Promise<AdaptationList> => {
      const { limit = DEFAULT_PAGE, ...filter } = request.query;
      refuseUnknownBefore('adaptation', filter.before, (id) => adaptations.find(id));
      const page = adaptations.list({ ...filter, limit: limit + 1 });
      const rows = page
        .slice(0, limit)
        .map(({ id, status, request: { device }, submittedBy, createdAtMs, updatedAtMs }) => ({
          id,
          status,
          device,
          submittedBy,
          createdAtMs,
          updatedAtMs,
        }));
      return { adaptations: rows, next: page.length > limit ? (rows.at(-1)?.id ?? null) : null };
    },
  );

  api.get(
    '/adaptations/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['adapting'],
        summary: 'An adaptation: every iteration, the result, the baselines',
        params: AdaptationId,
        response: { 200: AdaptationView, 404: Problem },
      },
    },
    async (request): Promise<AdaptationView> => view(adaptations.get(request.params.id)),
  );

  api.get(
    '/adaptations/:id/events',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['adapting'],
        summary: 'What happens in an adaptation, live (text/event-stream; resumes from Last-Event-ID)',
        params: AdaptationId,
        produces: ['text/event-stream'],
        response: { 200: EventStream, '4xx': Problem },
      },
    },
    (request, reply) => {
      const { id } = adaptations.get(request.params.id);
      return sendEventStream(request, reply, context, {
        read: (afterId) =>
          adaptations.events(id, afterId).map(({ seq, atMs, type, data }) => ({
            id: seq,
            type,
            data: { adaptationId: id, atMs, type, data },
          })),
        isFinished: () => ENDED.has(adaptations.get(id).status),
      });
    },
  );

  api.post(
    '/adaptations/:id/cancel',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['adapting'],
        summary: 'Stop an adaptation; it can be resumed',
        params: AdaptationId,
        response: { 202: AdaptationAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<AdaptationAccepted> => {
      const row = adaptations.get(request.params.id);
      if (ENDED.has(row.status)) throw conflict(row, 'cancelled');
      reply.code(202);
      return { adaptation: view(adaptations.requestCancel(row.id)) };
    },
  );

  api.post(
    '/adaptations/:id/resume',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['adapting'],
        summary: 'Go on with an adaptation that was cancelled or failed',
        params: AdaptationId,
        response: { 202: AdaptationAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<AdaptationAccepted> => {
      const resumed = write(context.db, () => {
        const row = adaptations.get(request.params.id);
        if (row.status === 'finished') throw conflict(row, 'resumed');
        if (isBeyondResuming(row)) throw tooLate(row);
        return adaptations.resume(row.id);
      });
      reply.code(202);
      return { adaptation: view(resumed) };
    },
  );
}

function tooLate({ id, status }: AdaptationRow): LutraError {
  return new LutraError(
    'conflict',
    `adaptation ${id} is ${status} for more than ${RESUMABLE_DAYS} days: weights that it would go on from may be deleted; start another from its last network (GET /adaptations/${id}/network?which=iteration)`,
    { details: { status } },
  );
}

function conflict({ id, status }: AdaptationRow, wish: string): LutraError {
  return new LutraError('conflict', `adaptation ${id} is ${status} and cannot be ${wish}`, {
    details: { status },
  });
}
