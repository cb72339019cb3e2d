import { setImmediate as nextTurn } from 'node:timers/promises';
import { EstimateAnswer, EstimateRequest, type EstimateView } from '../../../contracts/http/estimate.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { estimateOps } from '../../../core/latency/estimate.js';
import type { LatencyTable } from '../../../core/latency/latency-table.js';
import { fuse } from '../../../core/ops/fuse.js';
import type { DType } from '../../../core/ops/op.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { parseCandidate } from '../parse-candidate.js';
import { tableOf } from '../table-of.js';

/** A thousand network documents fit. */
const BODY_LIMIT_BYTES = 8 * 2 ** 20;

/** Other requests get a turn after so many candidates. */
const CANDIDATES_A_TURN = 25;

interface ParsedCandidate {
  readonly name: string;
  /** One for each occurrence, by the element type that devices compute in. */
  readonly keys: ReadonlyMap<DType, readonly string[]>;
}

export function estimateRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/estimate',
    {
      config: { scope: 'read' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        tags: ['networks'],
        summary: 'Latency of candidates on devices, from their tables; nothing is measured',
        description:
          'An unknown op never counts as 0: `latencyMs` is null unless the table knows every op, `partialMs` is what ' +
          'the known ones come to.',
        body: EstimateRequest,
        response: { 200: EstimateAnswer, '4xx': Problem },
      },
    },
    async (request): Promise<EstimateAnswer> => {
      const { devices, candidates, strict = false, ops = true } = request.body;
      const tables = devices.map((device, i) => knownTable(context, device, `/devices/${i}`));
      const dtypes = [...new Set(tables.map(({ dtype }) => dtype))];
      const estimates: EstimateView[] = [];
      const parsed: ParsedCandidate[] = [];
      for (const [i, candidate] of candidates.entries()) {
        if (i % CANDIDATES_A_TURN === CANDIDATES_A_TURN - 1) await nextTurn();
        const network = parseCandidate(candidate, `/candidates/${i}`);
        const keys = dtypes.map((dtype) => [dtype, fuse(network, dtype).map(({ key }) => key)] as const);
        parsed.push({ name: network.name, keys: new Map(keys) });
      }
      for (const table of tables) {
        parsed.forEach((candidate, i) => {
          const view = estimateView(table, candidate, i, ops);
          if (strict && view.missing.length > 0) throw missingOps(view);
          estimates.push(view);
        });
      }
      return { estimates };
    },
  );
}

function knownTable(context: ApiContext, name: string, pointer: string): LatencyTable {
  if (context.devices.find(name) === undefined) {
    throw new LutraError('unknown-device', `no device named '${name}' is registered`, { pointer });
  }
  return tableOf(context, name);
}

function estimateView(
  table: LatencyTable,
  { name, keys }: ParsedCandidate,
  candidate: number,
  includeOps: boolean,
): EstimateView {
  const { ops, missing, ...estimate } = estimateOps(table, keys.get(table.dtype)!);
  return {
    device: table.device,
    candidate,
    name,
    ...estimate,
    missing: [...missing],
    ...(includeOps ? { ops: [...ops] } : {}),
  };
}

function missingOps({ device, candidate, name, missing }: EstimateView): LutraError {
  const some = missing.slice(0, 3).join(', ');
  const rest = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return new LutraError('missing-ops', `${name}: the table of '${device}' lacks ${some}${rest}`, {
    pointer: `/candidates/${candidate}`,
    details: { device, candidate, missing: [...missing] },
  });
}
