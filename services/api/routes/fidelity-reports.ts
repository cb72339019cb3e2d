import { FidelityReportRequest, FidelityReportView } from '../../../contracts/http/fidelity.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { fidelityReport } from '../../../core/latency/fidelity-report.js';
import { fuse } from '../../../core/ops/fuse.js';
import { loadLatencyTable } from '../../../db/load-latency-table.js';
import { FidelityReportRepository } from '../../../db/repositories/fidelity-reports.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { fidelityReportView } from '../fidelity-report-view.js';

export function fidelityReportRoutes(api: Api, context: ApiContext): void {
  const reports = new FidelityReportRepository(context.db);
  api.post(
    '/fidelity-reports',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['measuring'],
        summary: "Judge a device's table by networks that were measured to judge it",
        description:
          'The networks of jobs with the purpose `held-out`, each estimated by the table as it is now without them. ' +
          'The last report stands in GET /latency-table and GET /devices/{name}.',
        body: FidelityReportRequest,
        response: { 201: FidelityReportView, '4xx': Problem },
      },
    },
    async (request, reply): Promise<FidelityReportView> => {
      const { device, family, target = 'steady', jobs } = request.body;
      const { environmentId } = context.devices.get(device);
      const latencies =
        environmentId === null ? new Map() : reports.heldOutLatencies(environmentId, target, jobs);
      if (environmentId === null || latencies.size === 0) {
        const detail = 'these jobs measured no held-out network in the present environment of the device';
        throw new LutraError('conflict', detail, { pointer: '/jobs' });
      }
      const table = loadLatencyTable(context.db, device, { without: new Set(latencies.keys()) })!;
      const networks = [...latencies].map(([networkHash, latenciesNs]) => ({
        networkHash,
        latenciesNs,
        opKeys: fuse(context.networks.get(networkHash), table.dtype).map(({ key }) => key),
      }));
      const report = fidelityReport(table, networks, target);
      if (report === null) {
        throw new LutraError(
          'missing-ops',
          `the table of '${device}' lacks ops of every one of these networks`,
        );
      }
      reply.code(201);
      return fidelityReportView(reports.add({ device, environmentId, target, family, ...report }));
    },
  );
}
