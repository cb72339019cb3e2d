import { MeasureAccepted, MeasureRequest, type ProtocolOverrides } from '../../../contracts/http/measure.js';
import { Problem } from '../../../contracts/http/problem.js';
import { DEFAULT_PROTOCOL, type Protocol } from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import { fuse } from '../../../core/ops/fuse.js';
import { submitJob } from '../../lease/submit-job.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { idempotencyKey } from '../idempotency-key.js';
import { jobView } from '../job-view.js';
import { parseCandidate } from '../parse-candidate.js';

export function measureRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/measure',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary: 'Measure a network whole, and those of its ops that the table lacks',
        description: 'Idempotency-Key: the same key and body give the same job.',
        body: MeasureRequest,
        response: { 202: MeasureAccepted, '4xx': Problem },
      },
    },
    async (request, reply): Promise<MeasureAccepted> => {
      const { device: deviceName, candidate, priority = 0, remeasure = false } = request.body;
      const idempotency = idempotencyKey(request, 'POST /measure');
      const protocol = completeProtocol(request.body.protocol);
      const network = parseCandidate(candidate, '/candidate');
      const device = context.devices.get(deviceName);
      const ops = fuse(network, device.options.dtype).map(({ key }) => key);
      const job = await submitJob(
        context.db,
        context.queue,
        {
          kind: 'measure',
          queue: `device.${device.name}`,
          priority,
          payload: {
            kind: 'measure',
            device: device.name,
            networks: [network],
            ops: [...new Set(ops)],
            protocol,
            remeasure,
          },
        },
        idempotency,
      );
      reply.code(202).header('location', `/jobs/${job.id}`);
      return { job: jobView(context, job) };
    },
  );
}

function completeProtocol(overrides: ProtocolOverrides = {}): Protocol {
  const protocol = { ...DEFAULT_PROTOCOL, ...overrides };
  if (protocol.minVisits > protocol.maxVisits) {
    throw new LutraError(
      'invalid-request',
      `expected minVisits of at most maxVisits, got ${protocol.minVisits} and ${protocol.maxVisits}`,
      { pointer: '/protocol/minVisits' },
    );
  }
  return protocol;
}
