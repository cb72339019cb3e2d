import { Problem } from '../../../contracts/http/problem.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { EventStream, sendEventStream } from '../event-stream.js';

export function changeRoutes(api: Api, context: ApiContext): void {
  const { changes } = context;
  api.get(
    '/events',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['service'],
        summary: 'What changes among jobs, devices and adaptations, live (text/event-stream)',
        description:
          'Data are ChangeEvents; the event is named by their kind. Begins with `reset`, also when a Last-Event-ID is ' +
          'too old to resume from: read anew whatever you show.',
        produces: ['text/event-stream'],
        response: { 200: EventStream, '4xx': Problem },
      },
    },
    (request, reply) =>
      sendEventStream(request, reply, context, {
        begin: (lastId) =>
          lastId > 0 && changes.reachesBackTo(lastId)
            ? undefined
            : { id: changes.lastId(), type: 'reset', data: {} },
        read: (afterId) => changes.list(afterId).map(({ id, ...data }) => ({ id, type: data.kind, data })),
        isFinished: () => false,
      }),
  );
}
