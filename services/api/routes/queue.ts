import { Problem } from '../../../contracts/http/problem.js';
import { QueueQuery, QueueView } from '../../../contracts/http/queue-view.js';
import { type Counted, UnfinishedJobs } from '../../../db/repositories/unfinished-jobs.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { jobViews } from '../job-view.js';

const DEFAULT_LISTED = 50;

export function queueRoutes(api: Api, context: ApiContext): void {
  const unfinished = new UnfinishedJobs(context.db);
  const view = ({ total, jobs }: Counted) => ({ total, jobs: jobViews(context, jobs, false) });

  api.get(
    '/queue',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'What runs and what waits, the next job first, with how many there are of each',
        querystring: QueueQuery,
        response: { 200: QueueView, '4xx': Problem },
      },
    },
    async ({ query: { limit = DEFAULT_LISTED, ...filter } }): Promise<QueueView> => ({
      running: view(unfinished.running({ ...filter, limit })),
      waiting: view(unfinished.waiting({ ...filter, limit })),
    }),
  );
}
