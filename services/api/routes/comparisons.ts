import { ComparisonRequest } from '../../../contracts/http/comparison.js';
import { MeasureAccepted } from '../../../contracts/http/measure.js';
import { Problem } from '../../../contracts/http/problem.js';
import { COMPARISON_PROTOCOL, REFERENCE_COMPARISON_PROTOCOL } from '../../../contracts/measurement.js';
import { submitJob } from '../../lease/submit-job.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { completeProtocol } from '../complete-protocol.js';
import { idempotencyKey } from '../idempotency-key.js';
import { jobView } from '../job-view.js';
import { parseCandidate } from '../parse-candidate.js';

export function comparisonRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/comparisons',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary:
          'Compare two networks on a device: same, faster, slower or ambiguous, with the interval of the ratio',
        description:
          'The answer stands in the result of the job (`comparison`). Idempotency-Key: the same key and body give the same job.',
        body: ComparisonRequest,
        response: { 202: MeasureAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<MeasureAccepted> => {
      const { a, b, priority = 0 } = request.body;
      const idempotency = idempotencyKey(request, 'POST /comparisons');
      const base = request.body.quality === 'reference' ? REFERENCE_COMPARISON_PROTOCOL : COMPARISON_PROTOCOL;
      const protocol = completeProtocol(base, request.body.protocol);
      const networks = [parseCandidate(a, '/a'), parseCandidate(b, '/b')];
      const { name: device } = context.devices.get(request.body.device);
      const submittedBy = request.principal?.name;
      const job = await submitJob(
        context.db,
        context.queue,
        {
          kind: 'measure',
          queue: `device.${device}`,
          priority,
          payload: {
            kind: 'measure',
            device,
            networks,
            ops: [],
            protocol,
            remeasure: false,
            aim: 'comparison',
          },
          ...(submittedBy === undefined ? {} : { submittedBy }),
        },
        idempotency,
      );
      reply.code(202).header('location', `/jobs/${job.id}`);
      return { job: jobView(context, job) };
    },
  );
}
