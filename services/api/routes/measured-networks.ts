import { MeasuredNetworks, MeasuredNetworksQuery } from '../../../contracts/http/measured-networks.js';
import { Problem } from '../../../contracts/http/problem.js';
import { estimateOps } from '../../../core/latency/estimate.js';
import { median } from '../../../core/measurement/quantile.js';
import { fuse } from '../../../core/ops/fuse.js';
import { MeasurementRepository, type NetworkMeasurement } from '../../../db/repositories/measurements.js';
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
      const { device: name, target = 'steady' } = request.query;
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
      const measured = byNetwork(
        new MeasurementRepository(context.db)
          .networkMeasurements(environmentId)
          .filter((measurement) => measurement.target === target),
      );
      const networks = [...measured].slice(-MOST_NETWORKS).map(([networkHash, measurements]) => {
        const network = context.networks.get(networkHash);
        const keys = fuse(network, device.options.dtype).map(({ key }) => key);
        const { latencyMs, interval } = estimateOps(table, keys, target);
        return {
          networkHash,
          name: network.name,
          measuredMs: median(measurements.map(({ latencyNs }) => latencyNs)) / NS_PER_MS,
          measurements: measurements.length,
          estimateMs: latencyMs,
          interval,
          calibrates:
            measurements.some(({ purpose }) => purpose === 'calibration') && table.sums(keys) !== null,
        };
      });
      return { device: name, networks };
    },
  );
}

/** The network that was measured last stands last. */
function byNetwork(
  measurements: readonly NetworkMeasurement[],
): ReadonlyMap<string, readonly NetworkMeasurement[]> {
  const measured = new Map<string, NetworkMeasurement[]>();
  for (const measurement of measurements) {
    const { networkHash } = measurement;
    const earlier = measured.get(networkHash) ?? [];
    measured.delete(networkHash);
    measured.set(networkHash, [...earlier, measurement]);
  }
  return measured;
}
