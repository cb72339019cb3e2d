import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InspectView } from '../../contracts/http/inspect.js';
import type { ZooList } from '../../contracts/http/zoo-view.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
});
afterAll(() => t.close());

const inspect = async (candidate: unknown) => {
  const answer = await t.send('POST', '/inspect', { candidate });
  expect(answer.statusCode).toBe(200);
  return answer.json<InspectView>();
};

describe('POST /inspect', () => {
  it('knows MobileNetV2 as published', async () => {
    const view = await inspect({ zoo: 'mobilenet-v2' });
    expect(view).toMatchObject({
      params: 3_504_872,
      macs: 300_774_272,
      inputShape: [224, 224, 3],
      outputShape: [1, 1, 1000],
    });
  });

  it('adds up: layers to the network, ops to the network, nodes covered once', async () => {
    const view = await inspect({ zoo: 'mobilenet-v3-large', options: { resolution: 96 } });
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(view.layers.map(({ macs }) => macs))).toBe(view.macs);
    expect(sum(view.layers.map(({ params }) => params))).toBe(view.params);
    expect(sum(view.ops.map(({ count, macs }) => count * macs))).toBe(view.macs);
    const covered = view.ops.flatMap(({ nodes }) => nodes).sort();
    const layers = view.layers.filter(({ op }) => op !== 'input').map(({ id }) => id);
    expect(covered).toEqual(layers.sort());
  });

  it('shows what may be shrunk and what not', async () => {
    const view = await inspect({ zoo: 'mobilenet-v3-tiny' });
    const last = view.widthGroups.at(-1)!;
    expect(last).toMatchObject({ width: 10, frozen: true, frozenBecause: expect.any(String) });
    expect(view.widthGroups.filter(({ frozen }) => !frozen).length).toBeGreaterThan(10);
  });

  it('gives a document back that measures the same', async () => {
    const network = {
      name: 'two layers',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [4, 4, 2] },
        {
          id: 'conv',
          op: 'conv2d',
          inputs: ['in'],
          filters: 3,
          kernel: [3, 3],
          stride: [1, 1],
          padding: 'same',
          groups: 1,
          bias: true,
        },
        { id: 'act', op: 'activation', inputs: ['conv'], activation: 'relu' },
      ],
    };
    // 4·4 positions · 3 filters · 3·3·2 inputs; weights 3·18 + 3 biases.
    expect(await inspect({ network })).toMatchObject({ name: 'two layers', macs: 864, params: 57 });
  });
});

describe('GET /zoo', () => {
  it('lists networks whose defaults build', async () => {
    const { networks } = (await t.get('/zoo')).json<ZooList>();
    expect(networks.map(({ name }) => name)).toContain('mobilenet-v3-small');
    for (const { name, options } of networks) {
      const defaults = Object.fromEntries(
        Object.entries(options).map(([key, option]) => [key, option.default]),
      );
      expect((await inspect({ zoo: name, options: defaults })).networkHash).toBe(
        (await inspect({ zoo: name })).networkHash,
      );
      expect((await t.get(`/zoo/${name}`)).json()).toMatchObject({ name, options });
    }
  });
});
