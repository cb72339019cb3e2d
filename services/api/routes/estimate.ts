import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Candidate } from '../../../contracts/candidate.js';
import {
  EstimateAnswer,
  EstimateRequest,
  type EstimateView,
  MOST_ESTIMATES_WITH_OPS,
} from '../../../contracts/http/estimate.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { estimateOps } from '../../../core/latency/estimate.js';
import type { LatencyTable } from '../../../core/latency/latency-table.js';
import { rankRanges } from '../../../core/latency/rank-range.js';
import type { TimingTarget } from '../../../core/latency/timing-target.js';
import { fuse } from '../../../core/ops/fuse.js';
import type { DType } from '../../../core/ops/op.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { breather } from '../breather.js';
import { parseCandidate } from '../parse-candidate.js';
import { tableOf } from '../table-of.js';

/** A thousand network documents fit. */
const BODY_LIMIT_BYTES = 8 * 2 ** 20;

/** An answer of more is written piece by piece: one text of all would hold up other requests, and can get too long. */
const PIECE = 50;

interface ParsedCandidate {
  readonly name: string;
  /** One for each occurrence, by the element type that devices compute in. */
  readonly keys: ReadonlyMap<DType, readonly string[]>;
}

export function estimateRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/estimate',
    {
      config: { scope: 'read', writes: false },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        tags: ['networks'],
        summary: 'Latency of candidates on devices, from their tables; nothing is measured',
        description:
          'An unknown op never counts as 0: `latencyMs` is null unless the table knows every op, `partialMs` is what ' +
          'the known ones come to. Ops that measured neighbours stand for are counted in `derived`, the measured ones ' +
          'in `coverage`. `rank` says which candidates cannot be told from each other.',
        body: EstimateRequest,
        response: { 200: Type.Unsafe<unknown>(EstimateAnswer), '4xx': Problem },
      },
    },
    async (request, reply) => {
      refuseTooMany(request.body);
      const estimates = await estimateAll(context, request.body, breather());
      if (estimates.length <= PIECE) return reply.send({ estimates } satisfies EstimateAnswer);
      return reply.type('application/json; charset=utf-8').send(Readable.from(inPieces(estimates)));
    },
  );
}

/** Candidates in order within devices in order. */
async function estimateAll(
  context: ApiContext,
  { devices, candidates, strict = false, target = 'steady', ops = true }: EstimateRequest,
  breathe: () => Promise<void>,
): Promise<EstimateView[]> {
  const tables: LatencyTable[] = [];
  for (const [i, device] of devices.entries()) {
    tables.push(knownTable(context, device, `/devices/${i}`));
    await breathe();
  }
  const dtypes = new Set(tables.map(({ dtype }) => dtype));
  const parsed: ParsedCandidate[] = [];
  for (const [i, candidate] of candidates.entries()) {
    parsed.push(parsedCandidate(candidate, `/candidates/${i}`, dtypes));
    await breathe();
  }
  const estimates: EstimateView[] = [];
  for (const table of tables) {
    const views: EstimateView[] = [];
    for (const [i, candidate] of parsed.entries()) {
      const view = estimateView(table, candidate, i, target, ops);
      if (strict && view.missing.length > 0) throw missingOps(view);
      views.push(view);
      await breathe();
    }
    estimates.push(...ranked(views, table.calibrationOf(target).resolution));
  }
  return estimates;
}

/** Before any work: rows of ops are what makes an answer large. */
function refuseTooMany({ devices, candidates, ops = true }: EstimateRequest): void {
  const count = devices.length * candidates.length;
  if (!ops || count <= MOST_ESTIMATES_WITH_OPS) return;
  const figure = (value: number) => value.toLocaleString('en');
  throw new LutraError(
    'invalid-request',
    `${figure(candidates.length)} candidates on ${figure(devices.length)} devices are ${figure(count)} estimates, and an ` +
      `answer with their ops holds ${figure(MOST_ESTIMATES_WITH_OPS)}: ask for fewer at a time, or with "ops": false`,
    { pointer: '/candidates' },
  );
}

function parsedCandidate(candidate: Candidate, pointer: string, dtypes: ReadonlySet<DType>): ParsedCandidate {
  const network = parseCandidate(candidate, pointer);
  const keys = [...dtypes].map((dtype) => [dtype, fuse(network, dtype).map(({ key }) => key)] as const);
  return { name: network.name, keys: new Map(keys) };
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
  target: TimingTarget,
  includeOps: boolean,
): EstimateView {
  const { ops, missing, ...estimate } = estimateOps(table, keys.get(table.dtype)!, target);
  return {
    device: table.device,
    candidate,
    name,
    ...estimate,
    rank: null,
    missing: [...missing],
    ...(includeOps ? { ops: [...ops] } : {}),
  };
}

/** With the places that they may have among each other; a single one has none. */
function ranked(views: readonly EstimateView[], resolution: number): readonly EstimateView[] {
  if (views.length === 1) return views;
  const ranges = rankRanges(
    views.map(({ latencyMs }) => latencyMs),
    resolution,
  );
  return views.map((view, i) => ({ ...view, rank: ranges[i] ?? null }));
}

/** The JSON of an `EstimateAnswer`. */
async function* inPieces(estimates: readonly EstimateView[]): AsyncGenerator<string> {
  const breathe = breather();
  for (let from = 0; from < estimates.length; from += PIECE) {
    const piece = JSON.stringify(estimates.slice(from, from + PIECE)).slice(1, -1);
    yield `${from === 0 ? '{"estimates":[' : ','}${piece}`;
    await breathe();
  }
  yield ']}';
}

function missingOps({ device, candidate, name, missing }: EstimateView): LutraError {
  const some = missing.slice(0, 3).join(', ');
  const rest = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return new LutraError('missing-ops', `${name}: the table of '${device}' lacks ${some}${rest}`, {
    pointer: `/candidates/${candidate}`,
    details: { device, candidate, missing: [...missing] },
  });
}
