import { Type } from 'typebox';
import { Problem } from '../../../contracts/http/problem.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';

export function metricsRoutes(api: Api, { metrics }: ApiContext): void {
  api.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['service'],
        summary: 'Figures for Prometheus: queues, leases, jobs, measurements, latencies, the process',
        produces: ['text/plain'],
        response: { 200: Type.Unsafe<unknown>({ type: 'string' }), '4xx': Problem },
      },
    },
    async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
