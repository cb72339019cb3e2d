import { describe, expect, it } from 'vitest';
import { countMacs, macsByNode } from '../../core/network/macs.js';
import type { ActivationNode, Conv2dNode, Network } from '../../core/network/network.js';
import { countParams } from '../../core/network/params.js';
import { inferShapes } from '../../core/network/shapes.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

describe('published totals, 1000 classes', () => {
  it.each([
    ['mobilenet-v1', 1, 224, 4_231_976, 568_740_352],
    ['mobilenet-v1', 0.75, 224, 2_585_560, 325_400_448],
    ['mobilenet-v1', 0.5, 128, 1_331_592, 49_160_192],
    ['mobilenet-v1', 0.25, 128, 470_072, 13_570_048],
    ['mobilenet-v2', 1, 224, 3_504_872, 300_774_272],
    ['mobilenet-v2', 0.35, 224, 1_677_128, 59_285_808],
    ['mobilenet-v2', 1.4, 224, 6_108_776, 582_195_824],
    ['mobilenet-v3-large', 1, 224, 5_483_032, 216_589_760],
    ['mobilenet-v3-large', 0.75, 224, 3_993_528, 154_560_624],
    ['mobilenet-v3-small', 1, 224, 2_542_856, 56_510_400],
    ['mobilenet-v3-small', 0.75, 224, 2_041_872, 43_399_344],
  ])('%s, width %d, %i px', (name, width, resolution, params, macs) => {
    const network = buildZooNetwork(name, { width, resolution });
    expect(countParams(network)).toBe(params);
    expect(countMacs(network)).toBe(macs);
  });

  it("Lutra's own small V3", () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    expect(countParams(network)).toBe(60_202);
    expect(countMacs(network)).toBe(728_640);
    expect(inferShapes(network).get('input')).toEqual([28, 28, 1]);
    expect(network.nodes.at(-1)).toMatchObject({ id: 'classifier/dense2', op: 'dense', units: 10 });
  });
});

interface LayerFigures {
  readonly input: readonly number[];
  readonly expansion: number | null;
  readonly filters: number;
  readonly squeeze: number | null;
  readonly activation: string | null;
  readonly stride: number;
  readonly kernel: number;
  readonly macs: number;
  readonly params: number;
}

/** What a network has in the layers whose node ids begin so. */
function figuresOf(network: Network, prefix: string): LayerFigures {
  const nodes = network.nodes.filter((node) => `${node.id}/`.startsWith(`${prefix}/`));
  const find = (suffix: string) => nodes.find((node) => node.id === `${prefix}/${suffix}`);
  const shapes = inferShapes(network);
  const main = (find('depthwise/conv') ?? find('conv')) as Conv2dNode | undefined;
  const activation = nodes.find((node) => node.op === 'activation') as ActivationNode | undefined;
  const macs = [...macsByNode(network)].filter(([id]) => nodes.some((node) => node.id === id));
  const params = [...weightShapes(network)].filter(([name]) =>
    nodes.some((node) => name.startsWith(`${node.id}/`) && !/\/(mean|variance)$/.test(name)),
  );
  return {
    input: shapes.get(nodes[0]!.inputs[0]!)!,
    expansion: find('depthwise/conv') === undefined ? null : main!.filters,
    filters: shapes.get(nodes.at(-1)!.id)![2],
    squeeze: (find('se/squeeze') as Conv2dNode | undefined)?.filters ?? null,
    activation: activation?.activation ?? null,
    stride: main?.stride[0] ?? 1,
    kernel: main?.kernel[0] ?? 1,
    macs: macs.reduce((sum, [, count]) => sum + count, 0),
    params: params.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0),
  };
}

type Row = readonly [
  prefix: string,
  size: number,
  channels: number,
  kernel: number,
  expansion: number | null,
  filters: number,
  squeeze: number | null,
  activation: string | null,
  stride: number,
  macs: number,
  params: number,
];

/** Howard et al. 2019, tables 1 and 2; MACs and parameters of every row from the published networks. */
const LARGE: readonly Row[] = [
  ['stem', 224, 3, 3, null, 16, null, 'hswish', 2, 5_419_008, 464],
  ['block1', 112, 16, 3, 16, 16, null, 'relu', 1, 5_017_600, 464],
  ['block2', 112, 16, 3, 64, 24, null, 'relu', 2, 19_468_288, 3_440],
  ['block3', 56, 24, 3, 72, 24, null, 'relu', 1, 12_870_144, 4_440],
  ['block4', 56, 24, 5, 72, 40, 24, 'relu', 2, 9_091_584, 10_328],
  ['block5', 28, 40, 5, 120, 40, 32, 'relu', 1, 9_886_080, 20_992],
  ['block6', 28, 40, 5, 120, 40, 32, 'relu', 1, 9_886_080, 20_992],
  ['block7', 28, 40, 3, 240, 80, null, 'hswish', 2, 11_712_960, 32_080],
  ['block8', 14, 80, 3, 200, 80, null, 'hswish', 1, 6_624_800, 34_760],
  ['block9', 14, 80, 3, 184, 80, null, 'hswish', 1, 6_094_816, 31_992],
  ['block10', 14, 80, 3, 184, 80, null, 'hswish', 1, 6_094_816, 31_992],
  ['block11', 14, 80, 3, 480, 112, 120, 'hswish', 1, 19_025_280, 214_424],
  ['block12', 14, 112, 3, 672, 112, 168, 'hswish', 1, 30_914_688, 386_120],
  ['block13', 14, 112, 5, 672, 160, 168, 'hswish', 2, 21_069_216, 429_224],
  ['block14', 7, 160, 5, 960, 160, 240, 'hswish', 1, 16_689_600, 797_360],
  ['block15', 7, 160, 5, 960, 160, 240, 'hswish', 1, 16_689_600, 797_360],
  ['head', 7, 160, 1, null, 960, null, 'hswish', 1, 7_526_400, 155_520],
  ['classifier/dense1', 1, 960, 1, null, 1280, null, null, 1, 1_228_800, 1_230_080],
  ['classifier/dense2', 1, 1280, 1, null, 1000, null, null, 1, 1_280_000, 1_281_000],
];

const SMALL: readonly Row[] = [
  ['stem', 224, 3, 3, null, 16, null, 'hswish', 2, 5_419_008, 464],
  ['block1', 112, 16, 3, 16, 16, 8, 'relu', 2, 1_254_656, 744],
  ['block2', 56, 16, 3, 72, 24, null, 'relu', 2, 5_475_456, 3_864],
  ['block3', 28, 24, 3, 88, 24, null, 'relu', 1, 3_932_544, 5_416],
  ['block4', 28, 24, 5, 96, 40, 24, 'hswish', 2, 3_033_984, 13_736],
  ['block5', 14, 40, 5, 240, 40, 64, 'hswish', 1, 4_969_920, 57_264],
  ['block6', 14, 40, 5, 240, 40, 64, 'hswish', 1, 4_969_920, 57_264],
  ['block7', 14, 40, 5, 120, 48, 32, 'hswish', 1, 2_665_440, 21_968],
  ['block8', 14, 48, 5, 144, 48, 40, 'hswish', 1, 3_426_624, 29_800],
  ['block9', 14, 48, 5, 288, 96, 72, 'hswish', 2, 4_458_528, 91_848],
  ['block10', 7, 96, 5, 576, 96, 144, 'hswish', 1, 6_290_496, 294_096],
  ['block11', 7, 96, 5, 576, 96, 144, 'hswish', 1, 6_290_496, 294_096],
  ['head', 7, 96, 1, null, 576, null, 'hswish', 1, 2_709_504, 56_448],
  ['classifier/dense1', 1, 576, 1, null, 1024, null, null, 1, 589_824, 590_848],
  ['classifier/dense2', 1, 1024, 1, null, 1000, null, null, 1, 1_024_000, 1_025_000],
];

const TABLES: readonly (readonly [name: string, rows: readonly Row[]])[] = [
  ['mobilenet-v3-large', LARGE],
  ['mobilenet-v3-small', SMALL],
];

describe.each(TABLES)('%s, layer by layer', (name, rows) => {
  const network = buildZooNetwork(name, {});

  for (const row of rows) {
    const [prefix, size, channels, kernel, expansion, filters, squeeze, activation, stride, macs, params] =
      row;
    it(prefix, () => {
      const input = [size, size, channels];
      const expected = { input, kernel, expansion, filters, squeeze, activation, stride, macs, params };
      expect(figuresOf(network, prefix)).toEqual(expected);
    });
  }

  it('has h-swish before its last layer, and hard-sigmoid gates', () => {
    expect(network.nodes.at(-2)).toMatchObject({ id: 'classifier/hswish', activation: 'hswish' });
    const gates = network.nodes.filter((node) => node.id.endsWith('/se/hsigmoid'));
    expect(gates).toHaveLength(rows.filter((row) => row[6] !== null).length);
    expect(gates.every((node) => node.op === 'activation' && node.activation === 'hsigmoid')).toBe(true);
  });
});
