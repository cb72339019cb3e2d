import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { AdaptationList, TrainedNetworkDocument } from '../../contracts/http/adaptations.js';
import { courseOf } from '../../core/netadapt/course/course.js';
import { narrowestNetworks } from '../../core/netadapt/narrowest-networks.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import { contentHash } from '../../core/network/content-hash.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import { fuse } from '../../core/ops/fuse.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { NetworkRepository } from '../../db/repositories/networks.js';
import { settingsOfRequest } from '../../services/netadapt/settings-of-request.js';
import { decodeWeights, encodeWeights } from '../../training/weights/weights-codec.js';
import { driveTo } from '../db/drive-to.js';
import { BLOB_CLASSES, writeBlobsDataset } from '../integration/blobs-dataset.js';
import { SimulatedDevice } from '../netadapt/simulated-device.js';
import { simulate } from '../netadapt/simulated-run.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
let runs: AdaptationRepository;
beforeEach(async () => {
  t = await startTestApp();
  runs = new AdaptationRepository(t.db);
});
afterEach(() => t.close());

const network = buildZooNetwork('mobilenet-v3-tiny', { width: 2.5 });
const request = {
  device: 'bench',
  candidate: { zoo: 'mobilenet-v3-tiny', options: { width: 2.5 } },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.6 },
};
const post = async (fields: object = {}, headers: Record<string, string> = {}) => {
  const answer = await t.send('POST', '/adaptations', { ...request, ...fields }, headers);
  return { answer, run: answer.json<{ adaptation: AdaptationView }>().adaptation };
};
const view = async (id: string) => (await t.get(`/adaptations/${id}`)).json<AdaptationView>();
const act = (id: string, action: string) => t.inject({ method: 'POST', url: `/adaptations/${id}/${action}` });

/** Carries a stored run on as an orchestrator does, on a simulated device, with real weights in the blob store. */
async function drive(id: string, maxEvents = Number.POSITIVE_INFINITY): Promise<void> {
  const settings = settingsOfRequest(runs.get(id).request);
  const { events, state } = simulate(settings, new SimulatedDevice(), [], { maxEvents });
  const weights = await t.blobs.put(encodeWeights(initializeWeights(network, seededRng(1))));
  for (const known of [network, courseOf(state).standing?.network ?? network]) {
    new NetworkRepository(t.db).put(known, contentHash(known));
  }
  events.forEach((event, i) => {
    const { type, ...data }: RunEvent = event.type === 'trained' ? { ...event, weights } : event;
    runs.appendEvent(id, i + 1, type, data);
  });
  driveTo(runs, id, events.at(-1)?.type === 'finished' ? 'finished' : 'running');
}

describe('POST /adaptations', () => {
  it('stores the request with every default filled in', async () => {
    const { answer, run } = await post();
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`/adaptations/${run.id}`);
    expect(run).toMatchObject({ status: 'queued', budgetMs: null, seed: null, iterations: [], final: null });
    expect(run.request).toEqual({
      ...request,
      weights: null,
      trainer: 'onnxruntime',
      policy: 'netadapt',
      initialReduction: 0.03,
      reductionDecay: 0.96,
      ranking: 'loss-per-latency',
      widthStep: null,
      macsBaseline: true,
      importance: 'taylor',
      biasCompensation: false,
      maxChosenPerIteration: 3,
      maxIterations: 100,
      baselines: true,
      randomSeed: 1,
      recipes: {
        seed: expect.objectContaining({ steps: 1500, batchSize: 64, schedule: 'cosine' }),
        fineTune: expect.objectContaining({ steps: 100, learningRate: 0.03 }),
        final: expect.objectContaining({ steps: 1000, distillation: 0.6 }),
      },
    });
    expect(await view(run.id)).toEqual(run);
  });

  it('knows the schedule of MobileNetV3, and keeps what was asked for', async () => {
    const { run } = await post({
      policy: 'mobilenet-v3',
      reductionDecay: 0.9,
      recipes: { fineTune: { steps: 7 } },
    });
    expect(run.request).toMatchObject({
      policy: 'mobilenet-v3',
      initialReduction: 0.01,
      reductionDecay: 0.9,
    });
    expect(run.request.recipes?.fineTune).toMatchObject({ steps: 7, batchSize: 64 });
  });

  it('creates one run for one Idempotency-Key', async () => {
    const first = await post({}, { 'idempotency-key': 'a' });
    expect((await post({}, { 'idempotency-key': 'a' })).run.id).toBe(first.run.id);
    const other = await post({ randomSeed: 2 }, { 'idempotency-key': 'a' });
    expect(other.answer.json()).toMatchObject({ status: 422, code: 'idempotency-mismatch' });
    expect((await t.get('/adaptations')).json<AdaptationList>().adaptations).toHaveLength(1);
  });

  it('answers a repeat with its run when the data set has moved since', async () => {
    const directory = join(t.directory, 'blobs');
    writeBlobsDataset(directory, { train: 60, test: 20 });
    const fields = {
      candidate: { zoo: 'mobilenet-v3-tiny', options: { classes: BLOB_CLASSES } },
      dataset: { kind: 'idx', directory },
    };
    const first = await post(fields, { 'idempotency-key': 'a' });
    renameSync(directory, `${directory}-moved`);
    const again = await post(fields, { 'idempotency-key': 'a' });
    expect(again.answer.statusCode).toBe(202);
    expect(again.run.id).toBe(first.run.id);
    expect((await post(fields, { 'idempotency-key': 'b' })).answer.json()).toMatchObject({
      status: 422,
      code: 'unknown-dataset',
    });
  });

  it('takes trained weights that fit, and no others', async () => {
    const fitting = encodeWeights(initializeWeights(network, seededRng(1)));
    const others = encodeWeights(
      initializeWeights(buildZooNetwork('mobilenet-v3-tiny', { width: 2 }), seededRng(1)),
    );
    const { run } = await post({ weights: await t.blobs.put(fitting) });
    expect(run.status).toBe('queued');
    for (const bytes of [others, new Uint8Array([1, 2, 3])]) {
      const { answer } = await post({ weights: await t.blobs.put(bytes) });
      expect(answer.json()).toMatchObject({ status: 422, code: 'missing-weights', pointer: '/weights' });
    }
  });

  it('refuses a budget that the table rules out, saying the least that widths can reach', async () => {
    const keys = narrowestNetworks(network, 16, 16).flatMap((n) => fuse(n).map(({ key }) => key));
    // 0.01 ms for each op that the narrowest network has.
    t.commit('bench', { ops: Object.fromEntries(keys.map((key) => [key, 10_000])) });
    const leastMs = (10_000 * keys.length) / 1e6;
    const before = t.rowCounts();
    const { answer } = await post({ budget: { latencyMs: leastMs / 10 } });
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'unreachable-budget',
      pointer: '/budget/latencyMs',
      details: { leastMs: expect.closeTo(leastMs, 9) },
    });
    expect(t.rowCounts()).toEqual(before);
    expect((await post({ budget: { latencyMs: leastMs * 2 } })).run.status).toBe('queued');
  });

  it.each([
    ['both of one latency', { latencyMs: 1, ratio: 0.5 }, 400, '/budget/ratio'],
    [
      'the request’s own device twice',
      { ratio: 0.5, devices: { bench: { ratio: 0.6 } } },
      400,
      '/budget/devices/bench',
    ],
    ['a device that is not there', { devices: { phone: { ratio: 0.5 } } }, 404, '/budget/devices/phone'],
    ['fewer parameters than widths reach', { params: 10 }, 422, '/budget/params'],
    [
      'a share of memory beyond reach',
      { peakActivationBytes: { ratio: 1e-6 } },
      422,
      '/budget/peakActivationBytes',
    ],
    ['nothing', {}, 400, '/budget'],
    ['a ratio of 1', { macs: { ratio: 1 } }, 400, '/budget/macs'],
    ['an unknown resource', { energy: 3 }, 400, '/budget/energy'],
  ])('refuses a budget on %s', async (_name, budget, status, pointer) => {
    const before = t.rowCounts();
    const { answer } = await post({ budget });
    expect(answer.json()).toMatchObject({ status, pointer: expect.stringContaining(pointer) });
    expect(t.rowCounts()).toEqual(before);
  });

  it('refuses a seed training that distils: the seed is the teacher of the others', async () => {
    const before = t.rowCounts();
    const { answer } = await post({ recipes: { seed: { distillation: 0.5 } } });
    const pointer = '/recipes/seed/distillation';
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', pointer });
    expect(t.rowCounts()).toEqual(before);
    const { run } = await post({ recipes: { fineTune: { distillation: 0.5 } } });
    expect(run.request.recipes?.fineTune).toMatchObject({ distillation: 0.5 });
  });

  it('takes a budget in every resource', async () => {
    const budget = { ratio: 0.6, macs: { ratio: 0.9 }, params: 300_000, peakActivationBytes: { ratio: 0.9 } };
    const { answer, run } = await post({ budget });
    expect(answer.statusCode).toBe(202);
    expect(run.request.budget).toEqual(budget);
  });
});

describe('GET /adaptations', () => {
  it('pages from the latest to the first, by status', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await post()).run.id);
    driveTo(runs, ids[0]!, 'failed');
    const first = (await t.get('/adaptations?limit=2')).json<AdaptationList>();
    expect(first.adaptations.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const rest = (await t.get(`/adaptations?limit=2&before=${first.next}`)).json<AdaptationList>();
    expect(rest).toMatchObject({
      adaptations: [{ id: ids[0], status: 'failed', device: 'bench' }],
      next: null,
    });
    expect((await t.get('/adaptations?status=failed')).json<AdaptationList>().adaptations).toHaveLength(1);
  });
});

describe('a run', () => {
  it('shows what it came to', async () => {
    const { run } = await post();
    await drive(run.id);
    const done = await view(run.id);
    expect(done).toMatchObject({ status: 'finished', phase: 'done', budgetMet: true, error: null });
    expect(done.widthStep).toBe(16);
    expect(done.final!.latencyMs!).toBeLessThanOrEqual(done.budgetMs!);
    expect(done.iterations.length).toBeGreaterThan(2);
    expect(done.baselines.map(({ name }) => name)).toEqual([
      'seed',
      'uniform',
      'uniform-stepped',
      'netadapt-macs',
    ]);
  });

  it('is not resumed once its weights may be gone', async () => {
    const { run } = await post();
    driveTo(runs, run.id, 'cancelled');
    const age = (days: number) =>
      t.db
        .prepare('UPDATE adaptation SET updated_at_ms = ? WHERE id = ?')
        .run(Date.now() - days * 24 * 3_600_000, run.id);
    age(31);
    const late = await act(run.id, 'resume');
    expect(late.json()).toMatchObject({ status: 409, code: 'conflict' });
    expect(late.json().detail).toContain(`GET /adaptations/${run.id}/network`);
    age(29);
    expect((await act(run.id, 'resume')).statusCode).toBe(202);
  });

  it('is cancelled and resumed', async () => {
    const { run } = await post();
    expect((await act(run.id, 'cancel')).statusCode).toBe(202);
    expect(runs.get(run.id).cancelRequested).toBe(true);
    driveTo(runs, run.id, 'cancelled');
    expect((await act(run.id, 'cancel')).json()).toMatchObject({ status: 409, code: 'conflict' });
    const resumed = await act(run.id, 'resume');
    expect(resumed.statusCode).toBe(202);
    expect(resumed.json()).toMatchObject({ adaptation: { id: run.id, status: 'queued' } });
    expect(runs.get(run.id).cancelRequested).toBe(false);
    driveTo(runs, run.id, 'finished');
    expect((await act(run.id, 'resume')).json()).toMatchObject({
      status: 409,
      code: 'conflict',
      details: { status: 'finished' },
    });
  });
});

describe('GET /adaptations/:id/network', () => {
  const get = (id: string, query: string) => t.get(`/adaptations/${id}/network?${query}`);

  it('gives the network with its weights as JSON', async () => {
    const { run } = await post();
    await drive(run.id);
    const answer = (await get(run.id, 'which=seed')).json<TrainedNetworkDocument>();
    expect(answer.networkHash).toBe(contentHash(network));
    expect(answer.network).toEqual(network);
    const bytes = (await t.get(answer.weights.href)).rawPayload;
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(answer.weights.sha256);
    const kernel = decodeWeights(bytes).get('stem/conv/kernel')!;
    const tensor = answer.weights.tensors!['stem/conv/kernel']!;
    expect(tensor.shape).toEqual(kernel.shape);
    const floats = Buffer.from(tensor.dataBase64, 'base64');
    expect(floats.readFloatLE(4)).toBe(kernel.data[1]);
    expect(floats.length).toBe(4 * kernel.data.length);
    const link = (await get(run.id, 'which=seed&weights=link')).json<TrainedNetworkDocument>();
    expect(link.weights).toEqual({ sha256: answer.weights.sha256, href: answer.weights.href });
  });

  it('gives the final one once its final training has ended, not as it was cut', async () => {
    const { run } = await post();
    const { events } = simulate(settingsOfRequest(runs.get(run.id).request), new SimulatedDevice(), []);
    const trained = events.findIndex(({ key }) => key === 'final/adapted');
    await drive(run.id, trained);
    const during = await view(run.id);
    expect(during).toMatchObject({ status: 'running', phase: 'final-training' });
    expect(during.final).toMatchObject({ weights: null, test: null, holdout: expect.anything() });
    expect((await get(run.id, 'which=final')).json()).toMatchObject({ status: 404, code: 'not-found' });
    const { run: other } = await post();
    await drive(other.id);
    expect((await view(other.id)).final!.weights).toMatch(/^[0-9a-f]{64}$/);
    expect((await get(other.id, 'which=final')).statusCode).toBe(200);
  });

  it('takes it back as a candidate with weights', async () => {
    const { run } = await post();
    await drive(run.id);
    const { network: document, weights } = (await get(run.id, 'which=seed')).json<TrainedNetworkDocument>();
    const again = await post({ candidate: { network: document }, weights: weights.sha256 });
    expect(again.answer.statusCode).toBe(202);
  });

  it('gives an ONNX model', async () => {
    const { run } = await post();
    await drive(run.id);
    const answer = await get(run.id, 'which=seed&format=onnx&batch=2');
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${run.id}-seed.onnx"`);
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const session = await InferenceSession.create(new Uint8Array(answer.rawPayload));
    const image = new Tensor('float32', new Float32Array(2 * 28 * 28).fill(0.5), [2, 1, 28, 28]);
    const { logits } = await session.run({ input: image });
    expect(logits?.dims).toEqual([2, 10]);
    expect([...(logits!.data as Float32Array)].every(Number.isFinite)).toBe(true);
  });

  it('says what is not there yet, and what is missing in the question', async () => {
    const { run } = await post();
    expect((await get(run.id, '')).json()).toMatchObject({ status: 404, code: 'not-found' });
    expect((await get(run.id, 'which=iteration&index=3')).json()).toMatchObject({ status: 404 });
    expect((await get(run.id, 'which=iteration')).json()).toMatchObject({
      status: 400,
      pointer: '/index',
      in: 'query',
    });
    expect((await get(run.id, 'which=baseline')).json()).toMatchObject({
      status: 400,
      pointer: '/name',
      in: 'query',
    });
    expect((await get(run.id, 'format=tflite')).json()).toMatchObject({ status: 400, pointer: '/format' });
  });
});
