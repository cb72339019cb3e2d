import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { LatencyTableQuery, LatencyTableView } from '../../../contracts/http/latency-table-view.js';
import { Problem } from '../../../contracts/http/problem.js';
import type { TimingTarget } from '../../../core/latency/timing-target.js';
import { loadTableOf } from '../../../db/load-latency-table.js';
import type { DeviceRow } from '../../../db/repositories/devices.js';
import { EnvironmentRepository } from '../../../db/repositories/environments.js';
import {
  FidelityReportRepository,
  type StoredFidelityReport,
} from '../../../db/repositories/fidelity-reports.js';
import type { EntryFilter } from '../../../db/repositories/latency-page.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { calibrationView } from '../calibration-view.js';
import { isUnchanged } from '../entity-tag.js';
import { fidelityReportView } from '../fidelity-report-view.js';
import { RefusedParameter } from '../refused-parameter.js';
import { TABLE_MEDIA_TYPES, tableLines } from '../table-formats.js';
import { tableOf } from '../table-of.js';

const JSON_PAGE = 1000;
const LARGEST_JSON_PAGE = 10_000;

export function latencyTableRoutes(api: Api, context: ApiContext): void {
  const reports = new FidelityReportRepository(context.db);
  api.get(
    '/latency-table',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['measuring'],
        summary:
          "A device's latency table, in its present environment or an earlier one: JSON, NDJSON or CSV",
        description: 'The format follows `format`, else `Accept`. Answers carry an ETag.',
        querystring: LatencyTableQuery,
        produces: ['application/json', 'application/x-ndjson', 'text/csv'],
        response: { 200: Type.Unsafe<unknown>(LatencyTableView), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { device: name, environment, target = 'steady', kind, keyPrefix, limit, after } = request.query;
      const format = request.query.format ?? formatOf(request.headers.accept);
      const now = context.devices.find(name) ?? refuseDevice(name);
      const device = environment === undefined ? now : inEnvironment(context, now, environment);
      const version = device.environmentId === null ? '' : context.tableRows.version(device.environmentId);
      const report = device.environmentId === null ? undefined : reports.latest(device.environmentId, target);
      if (
        isUnchanged(request, reply, [
          version,
          report?.id,
          format,
          name,
          device.environmentHash,
          target,
          kind,
          keyPrefix,
          limit,
          after,
        ])
      ) {
        return reply.code(304).send();
      }
      const filter = {
        ...(kind === undefined ? {} : { kind }),
        ...(keyPrefix === undefined ? {} : { keyPrefix }),
        ...(after === undefined ? {} : { afterKey: after }),
      };
      reply.type(TABLE_MEDIA_TYPES[format]);
      if (format === 'json') {
        const page = { ...filter, limit: Math.min(limit ?? JSON_PAGE, LARGEST_JSON_PAGE) };
        return reply.send(tableJson(context, device, version, page, target, report));
      }
      const all = { ...filter, limit: limit ?? Number.MAX_SAFE_INTEGER };
      return reply.send(Readable.from(tableLines(context.tableRows, device.environmentId, all, format)));
    },
  );
}

function formatOf(accept = ''): 'json' | 'ndjson' | 'csv' {
  if (accept.includes('application/x-ndjson') || accept.includes('application/ndjson')) return 'ndjson';
  return accept.includes('text/csv') ? 'csv' : 'json';
}

function refuseDevice(name: string): never {
  throw new RefusedParameter('query', `no device named '${name}' is registered`, '/device', 'unknown-device');
}

/** The device as it was in an environment that it was measured in. @throws RefusedParameter `not-found` */
function inEnvironment({ db }: ApiContext, device: DeviceRow, hash: string): DeviceRow {
  const known = new EnvironmentRepository(db).ofDevice(device.id).filter((one) => one.hash.startsWith(hash));
  const [found] = known;
  if (found === undefined || known.length > 1) {
    const message = `device '${device.name}' was measured in ${known.length === 0 ? 'no' : 'more than one'} environment ${hash}`;
    throw new RefusedParameter('query', message, '/environment', 'not-found');
  }
  return {
    ...device,
    environmentId: found.id,
    environmentHash: found.hash,
    environment: found.environment,
  };
}

/** The entries come from SQLite as JSON text and are put into the rest as they are. */
function tableJson(
  context: ApiContext,
  device: DeviceRow,
  version: string,
  filter: EntryFilter,
  target: TimingTarget,
  report: StoredFidelityReport | undefined,
): string {
  const { environmentId, environmentHash, environment } = device;
  const entries = environmentId === null ? '[]' : context.tableRows.asJson(environmentId, filter);
  const isNow = environmentHash === context.devices.get(device.name).environmentHash;
  const table = (isNow ? undefined : loadTableOf(context.db, device)) ?? tableOf(context, device.name);
  const head = {
    device: device.name,
    environmentHash,
    environment,
    entryCount: table.size,
    next: environmentId === null ? null : nextKey(context, environmentId, filter, entries),
    calibration: calibrationView(table.calibrationOf(target)),
    fidelity: report === undefined ? null : fidelityReportView(report),
    provenance: { ...context.provenance.of(environmentId), version },
  };
  return `${JSON.stringify(head).slice(0, -1)},"entries":${entries}}`;
}

/** The last key of a page when others follow. */
function nextKey(
  { tableRows }: ApiContext,
  environmentId: number,
  filter: EntryFilter,
  entries: string,
): string | null {
  const start = entries.lastIndexOf('{"key":"') + '{"key":"'.length;
  const key = entries.slice(start, entries.indexOf('"', start));
  if (entries === '[]') return null;
  return tableRows.entries(environmentId, { ...filter, afterKey: key, limit: 1 }).length === 0 ? null : key;
}
