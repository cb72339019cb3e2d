import { describe, expect, test } from 'vitest';
import { anchorChart } from '../../charts/anchor-chart.js';
import { COMPACT, WIDE } from '../../charts/chart-size.js';
import { CHART_STYLE } from '../../charts/chart-style.js';
import { type FidelityPoint, fidelityChart, fidelityWords } from '../../charts/fidelity-chart.js';
import { heatMap } from '../../charts/heat-map.js';
import { samplesChart } from '../../charts/samples-chart.js';
import { macsChart } from '../../charts/scatter-chart.js';
import { type StaircasePoint, staircaseChart } from '../../charts/staircase-chart.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import { widthHistoryChart } from '../../charts/width-history-chart.js';
import { seededRng } from '../../core/random.js';

const unit = latencyUnit(0.05);

/** Blocks of 16 channels, a little noise. */
function latencyMs(input: number, output: number, rng: () => number): number {
  const blocks = (channels: number) => Math.ceil(channels / 16) * 16;
  return (0.4 + 0.0009 * blocks(input) * blocks(output) + 0.05 * rng()) / 1000;
}

function stairs(seed: number): StaircasePoint[] {
  const rng = seededRng(seed);
  return Array.from({ length: 16 }, (_, index) => {
    const channels = 8 * (index + 1);
    const ms = latencyMs(24, channels, rng);
    const source = index % 5 === 4 ? 'interpolated' : index % 5 === 2 ? 'snapped' : 'measured';
    const interval = source === 'measured' ? { lowMs: ms * 0.97, highMs: ms * 1.04 } : null;
    return { channels, latencyMs: ms, interval, source, title: `${channels} channels, ${source}` } as const;
  });
}

const cells = (() => {
  const rng = seededRng(3);
  return [16, 24, 40, 48, 96].flatMap((inputChannels) =>
    [16, 24, 40, 64, 96, 144].map((outputChannels) => ({
      inputChannels,
      outputChannels,
      latencyMs: latencyMs(inputChannels, outputChannels, rng),
      title: `${inputChannels} → ${outputChannels}`,
    })),
  );
})();

const networks: readonly FidelityPoint[] = (() => {
  const rng = seededRng(5);
  return Array.from({ length: 14 }, (_, index) => {
    const measuredMs = (20 + 2 * index) / 1000;
    const estimateMs = measuredMs * (1 + 0.09 * (rng() - 0.5)) * (index === 6 ? 1.08 : 1);
    const interval = { lowMs: measuredMs * 0.99, highMs: measuredMs * 1.01 };
    return { name: `network ${index}`, estimateMs, measuredMs, interval, calibrated: index % 3 === 0 };
  });
})();

const samples = (() => {
  const rng = seededRng(7);
  return Array.from({ length: 12 }, (_, visit) =>
    Array.from({ length: 8 }, () => ({
      visit,
      latencyMs: (30 + 2 * rng() + (visit === 5 ? 9 * rng() : 0)) / 1000,
      sampleClass: visit === 5 ? 'waited' : 'counted',
    })),
  ).flat();
})();

const anchors = (() => {
  const rng = seededRng(11);
  return Array.from({ length: 24 }, (_, index) => ({
    latencyMs: (40 + rng() + (index === 9 ? 3 : 0)) / 1000,
    verdict:
      index === 9 ? ('rejected' as const) : index % 4 === 0 ? ('usable' as const) : ('trusted' as const),
    current: index > 5,
    title: `session ${index + 1}`,
  }));
})();

const variants = (() => {
  const rng = seededRng(13);
  return Array.from({ length: 30 }, (_, index) => ({
    macs: 1e6 * (1 + index),
    latencyMs: (4 + index * (0.8 + 0.5 * rng())) / 1000,
    title: `variant ${index}`,
    chosen: index === 12,
    series: index % 2,
  }));
})();

const history = [
  { 'stem/conv': 16, 'block1/expand/conv': 64, 'block2/expand/conv': 72, head: 96 },
  { 'stem/conv': 16, 'block1/expand/conv': 48, 'block2/expand/conv': 72, head: 96 },
  { 'stem/conv': 16, 'block1/expand/conv': 48, 'block2/expand/conv': 40, head: 96 },
  { 'stem/conv': 8, 'block1/expand/conv': 48, 'block2/expand/conv': 40, head: 64 },
];

/** With its style inside, so that a reviewer can open the snapshot as it is. */
function standalone(svg: string): string {
  return `${svg.replace('>', `><style>\n${CHART_STYLE}</style>`)}\n`;
}

describe.each([
  ['wide', WIDE],
  ['compact', COMPACT],
] as const)('charts, %s', (name, size) => {
  test.each([
    ['heat-map', () => heatMap(cells, unit, size)],
    [
      'staircase',
      () =>
        staircaseChart(
          [
            { name: 'board', points: stairs(1) },
            {
              name: 'phone',
              points: stairs(2).map((point) => ({ ...point, latencyMs: point.latencyMs * 1.6 })),
            },
          ],
          'output channels',
          unit,
          size,
        ),
    ],
    ['fidelity', () => fidelityChart(networks, 0.012, unit, size)],
    ['samples', () => samplesChart(samples, 0.03, unit, size)],
    ['anchor', () => anchorChart(anchors, 0.0405, 0.012, unit, size)],
    ['macs', () => macsChart(variants, unit, size)],
    ['width-history', () => widthHistoryChart(Object.keys(history[0]!), history, size)],
  ])('%s', async (chart, draw) => {
    const svg = draw();
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    await expect(standalone(svg)).toMatchFileSnapshot(`./svg/${chart}-${name}.svg`);
  });
});

test('charts of nothing are empty, not broken', () => {
  for (const svg of [
    heatMap([], unit, WIDE),
    staircaseChart([], 'channels', unit, WIDE),
    samplesChart([], null, unit, WIDE),
    macsChart([], unit, WIDE),
    widthHistoryChart([], [], WIDE),
  ]) {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('text from outside stays text', () => {
  const point = { ...variants[0]!, title: '<script>alert(1)</script>' };
  expect(macsChart([point], unit, WIDE)).not.toContain('<script');
});

test('fidelity in words counts what lies in the band', () => {
  const at = (estimateMs: number): FidelityPoint => ({ ...networks[0]!, estimateMs, measuredMs: 1 });
  expect(fidelityWords([at(1.04), at(0.97), at(1.2), at(1)])).toBe(
    'mean error 6.8\u00a0%, 3 of 4 within ±5\u00a0%',
  );
});
