import { InspectRequest, InspectView } from '../../../contracts/http/inspect.js';
import { Problem } from '../../../contracts/http/problem.js';
import type { Api } from '../api.js';
import { inspectNetwork } from '../inspect-network.js';
import { parseCandidate } from '../parse-candidate.js';

export function inspectRoutes(api: Api): void {
  api.post(
    '/inspect',
    {
      config: { scope: 'read', writes: false },
      schema: {
        tags: ['networks'],
        summary: 'What a candidate is: ops, layers, MACs, parameters, memory, width groups',
        body: InspectRequest,
        response: { 200: InspectView, '4xx': Problem },
      },
    },
    async (request): Promise<InspectView> =>
      inspectNetwork(parseCandidate(request.body.candidate, '/candidate')),
  );
}
