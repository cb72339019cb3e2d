import { Type } from 'typebox';
import { JobList, JobListQuery, JobView } from '../../../contracts/http/job-view.js';
import { MeasureAccepted } from '../../../contracts/http/measure.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { cancelJob } from '../../lease/cancel-job.js';
import { submitJob } from '../../lease/submit-job.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { EventStream, sendEventStream } from '../event-stream.js';
import { jobView, jobViews } from '../job-view.js';
import { refuseUnknownBefore } from '../refuse-unknown-before.js';

const DEFAULT_PAGE = 50;
const JobId = Type.Object({ id: Type.String() });

export function jobRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/jobs',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'Jobs, the latest first',
        querystring: JobListQuery,
        response: { 200: JobList, '4xx': Problem },
      },
    },
    async (request): Promise<JobList> => {
      const { adaptation, limit = DEFAULT_PAGE, ...filter } = request.query;
      refuseUnknownBefore('job', filter.before, (id) => context.jobs.find(id));
      const page = context.jobs.list({
        ...filter,
        ...(adaptation === undefined ? {} : { adaptationId: adaptation }),
        limit: limit + 1,
      });
      const jobs = jobViews(context, page.slice(0, limit), false);
      return { jobs, next: page.length > limit ? (jobs.at(-1)?.id ?? null) : null };
    },
  );

  api.get(
    '/jobs/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'A job: where it is, how it ended, its result',
        params: JobId,
        response: { 200: JobView, 404: Problem },
      },
    },
    async (request): Promise<JobView> => jobView(context, context.jobs.get(request.params.id)),
  );

  api.delete(
    '/jobs/:id',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary: 'Cancel a job',
        description:
          'A waiting job ends at once, a running one as soon as its worker hears of it (202). 409 for a finished one.',
        params: JobId,
        response: { 200: JobView, 202: JobView, '4xx': Problem },
      },
    },
    async (request, reply): Promise<JobView> => {
      const job = await cancelJob(context.db, context.queue, request.params.id);
      reply.code(job.status === 'finished' ? 200 : 202);
      return jobView(context, job);
    },
  );

  api.post(
    '/jobs/:id/retry',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary: 'Submit a finished job once more, as a new job; what it asks to measure is measured anew',
        params: JobId,
        response: { 202: MeasureAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<MeasureAccepted> => {
      const { id, status, kind, queue, priority, payload } = context.jobs.get(request.params.id);
      if (status !== 'finished')
        throw new LutraError('conflict', `job ${id} is ${status}: it has not ended yet`);
      const again = payload.kind === 'measure' ? { ...payload, remeasure: true } : payload;
      const submittedBy = request.principal?.name;
      const job = await submitJob(context.db, context.queue, {
        kind,
        queue,
        priority,
        payload: again,
        ...(submittedBy === undefined ? {} : { submittedBy }),
      });
      reply.code(202).header('location', `/jobs/${job.id}`);
      return { job: jobView(context, job) };
    },
  );

  api.get(
    '/jobs/:id/events',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'What happens to a job, live (text/event-stream; resumes from Last-Event-ID)',
        params: JobId,
        produces: ['text/event-stream'],
        response: { 200: EventStream, '4xx': Problem },
      },
    },
    (request, reply) => {
      const { id } = context.jobs.get(request.params.id);
      return sendEventStream(request, reply, context, {
        read: (afterId) =>
          context.jobs.events(id, afterId).map((event) => ({
            id: event.id,
            type: event.type,
            data: { jobId: id, atMs: event.atMs, ...event.data },
          })),
        isFinished: () => context.jobs.get(id).status === 'finished',
      });
    },
  );
}
