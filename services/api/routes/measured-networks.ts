import { MeasuredNetworks, MeasuredNetworksQuery } from '../../../contracts/http/measured-networks.js';
import { Problem } from '../../../contracts/http/problem.js';
import { estimateOps } from '../../../core/latency/estimate.js';
import { median } from '../../../core/latency/median.js';
import { fuse } from '../../../core/ops/fuse.js';
import { MeasurementRepository } from '../../../db/repositories/measurements.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { RefusedParameter } from '../refused-parameter.js';
import { tableOf } from '../table-of.js';

const NS_PER_MS = 1e6;

/** More would be slow to estimate, and no chart shows them apart. */
const MOST_NETWORKS = 500;

export function measuredNetworkRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/latency-table/networks',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary: 'Whole networks as measured on a device, each beside its estimate from the table',
        querystring: MeasuredNetworksQuery,
        response: { 200: MeasuredNetworks, '4xx': Problem },
      },
    },
    async (request): Promise<MeasuredNetworks> => {
      const { device: name } = request.query;
      const device = context.devices.find(name);
      if (device === undefined) {
        throw new RefusedParameter(
          'query',
          `no device named '${name}' is registered`,
          '/device',
          'unknown-device',
        );
      }
      const { environmentId } = device;
      if (environmentId === null) return { device: name, networks: [] };
      const table = tableOf(context, name);
      const measured = new Map<string, number[]>();
      const calibrating = new Set<string>();
      for (const { networkHash, latencyNs, purpose } of new MeasurementRepository(
        context.db,
      ).networkMeasurements(environmentId)) {
        if (purpose === 'calibration') calibrating.add(networkHash);
        measured.set(networkHash, [...(measured.get(networkHash) ?? []), latencyNs]);
      }
      const networks = [...measured].slice(-MOST_NETWORKS).map(([networkHash, latenciesNs]) => {
        const network = context.networks.get(networkHash);
        const { latencyMs, interval } = estimateOps(
          table,
          fuse(network, device.options.dtype).map(({ key }) => key),
        );
        return {
          networkHash,
          name: network.name,
          measuredMs: median(latenciesNs) / NS_PER_MS,
          measurements: latenciesNs.length,
          estimateMs: latencyMs,
          interval,
          calibrates: latencyMs !== null && calibrating.has(networkHash),
        };
      });
      return { device: name, networks };
    },
  );
}
