import { Type } from 'typebox';
import {
  MeasuredSessionView,
  SessionSamplesQuery,
  SessionSamplesView,
} from '../../../contracts/http/measured-session.js';
import { Problem } from '../../../contracts/http/problem.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { measuredSessionView, sessionSamplesView } from '../measured-session-view.js';

/** As in a job's result. */
const SessionId = Type.Object({ id: Type.String({ pattern: '^[1-9][0-9]{0,14}$' }) });

export function measuredSessionRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/sessions/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'A measuring session: verdict, checks, observations, environment, what was measured',
        params: SessionId,
        response: { 200: MeasuredSessionView, '4xx': Problem },
      },
    },
    async (request): Promise<MeasuredSessionView> => measuredSessionView(context, Number(request.params.id)),
  );

  api.get(
    '/sessions/:id/samples',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'Raw samples of a session by graph, with the class of each visit and its causes',
        params: SessionId,
        querystring: SessionSamplesQuery,
        response: { 200: SessionSamplesView, '4xx': Problem },
      },
    },
    async (request): Promise<SessionSamplesView> =>
      sessionSamplesView(context, Number(request.params.id), request.query.graph),
  );
}
