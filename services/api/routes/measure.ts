import { Type } from 'typebox';
import { MeasureAccepted, MeasureManyAccepted, MeasureRequest } from '../../../contracts/http/measure.js';
import { Problem } from '../../../contracts/http/problem.js';
import { DEFAULT_PROTOCOL, REFERENCE_PROTOCOL } from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import type { Network } from '../../../core/network/network.js';
import { fuse } from '../../../core/ops/fuse.js';
import { decodeOpKey } from '../../../core/ops/op-key.js';
import type { NewJob } from '../../../db/repositories/jobs.js';
import { submitJobs } from '../../lease/submit-job.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { completeProtocol } from '../complete-protocol.js';
import { idempotencyKey } from '../idempotency-key.js';
import { jobViews } from '../job-view.js';
import { measureTargets } from '../measure-target.js';
import { parseCandidate } from '../parse-candidate.js';

export function measureRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/measure',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary: 'Measure networks whole, and those of their ops, and other ops, that the table lacks',
        description:
          'On one device, on each of several, or on whichever device of a class is free first. Idempotency-Key: the same key and body give the same jobs.',
        body: MeasureRequest,
        response: { 202: Type.Union([MeasureAccepted, MeasureManyAccepted]), '4xx': Problem },
      },
    },
    async (request, reply): Promise<MeasureAccepted | MeasureManyAccepted> => {
      const { priority = 0, remeasure = false, devices, target, purpose } = request.body;
      const idempotency = idempotencyKey(request, 'POST /measure');
      const networks = networksOf(request.body);
      const asked = (request.body.ops ?? []).map((key, i) => checkedKey(key, `/ops/${i}`));
      const extra = { ...(target && { target }), ...(purpose && { purpose }) };
      const base = request.body.quality === 'reference' ? REFERENCE_PROTOCOL : DEFAULT_PROTOCOL;
      const protocol = completeProtocol(base, request.body.protocol);
      const submittedBy = request.principal?.name;
      const jobs = measureTargets(context.devices, request.body).map(({ queue, device, dtype }): NewJob => {
        const keys = networks.flatMap((network) => fuse(network, dtype).map(({ key }) => key));
        const ops = [...new Set([...keys, ...asked])];
        const payload = { kind: 'measure' as const, device, networks, ops, protocol, remeasure, ...extra };
        const submitter = submittedBy === undefined ? {} : { submittedBy };
        return { kind: 'measure', queue, priority, payload, ...submitter };
      });
      const rows = await submitJobs(context.db, context.queue, jobs, idempotency);
      const views = jobViews(context, rows);
      reply.code(202);
      if (devices !== undefined) return { jobs: views };
      const job = views[0]!;
      reply.header('location', `/jobs/${job.id}`);
      return { job };
    },
  );
}

function networksOf({ candidate, candidates = [], ops }: MeasureRequest): Network[] {
  const networks = candidates.map((each, i) => parseCandidate(each, `/candidates/${i}`));
  if (candidate !== undefined) networks.unshift(parseCandidate(candidate, '/candidate'));
  if (networks.length > 0 || ops !== undefined) return networks;
  throw new LutraError('invalid-request', 'expected a candidate, candidates or ops to measure', {
    pointer: '/candidate',
  });
}

function checkedKey(key: string, pointer: string): string {
  try {
    decodeOpKey(key);
    return key;
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    throw new LutraError('invalid-op-key', error.message, { pointer });
  }
}
