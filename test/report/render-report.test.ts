import { describe, expect, test } from 'vitest';
import { deviations } from '../../charts/deviation-chart.js';
import { resultRows } from '../../charts/result-rows.js';
import { renderReport } from '../../cli/report/render-report.js';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { Report } from '../../contracts/report.js';
import { sampleAdaptation, sampleReport } from './sample-report.js';

const page = renderReport(sampleReport());

function reportOf(changes: Partial<AdaptationView>): Report {
  const sample = sampleReport();
  return { ...sample, adaptation: { ...sample.adaptation, ...changes } };
}

describe('the page of a finished run', () => {
  test('is one file: nothing is fetched, nothing runs', () => {
    expect(page).not.toMatch(/<script|<link rel="stylesheet"|@import|@font-face|\burl\(/);
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:/);
  });

  test('says in words what the figures say', () => {
    const view = sampleAdaptation();
    const seedMs = view.baselines[0]!.network.latencyMs!;
    expect(page).toContain(
      `<h1>mobilenet-v3-tiny went from ${(seedMs * 1000).toFixed(2)}\u00a0µs to ` +
        `${(view.final!.latencyMs! * 1000).toFixed(2)}\u00a0µs at 98.93\u00a0% accuracy</h1>`,
    );
    expect(page).toContain('<span class="status met">budget met</span>');
    expect(page).toContain('The run took 5\u00a0min 12\u00a0s.');
    expect(page).toContain('60 % of the seed’s measured latency');
    expect(page).toContain('Example CPU @ 2.80GHz');
  });

  test('says whether the adapted network is better than its rivals or whether that cannot be told', () => {
    expect(page).toContain(
      'Against “Uniform” the adapted network stands at +0.42 points (±0.31): beyond sampling error; it is 2.3\u00a0% slower than the adapted network.',
    );
    expect(page).toContain(
      'Against “Uniform, stepped” the adapted network stands at +0.07 points (±0.29): within sampling error, a tie on this data; it is 2.3\u00a0% slower than the adapted network.',
    );
    const noisy = sampleAdaptation().reach.map((reach) => ({ ...reach, noise: 0.03 }));
    expect(renderReport(reportOf({ reach: noisy }))).toContain(
      'a tie on this data; their latencies are indistinguishable.',
    );
  });

  test('shows every chart in both sizes, each with a name and a table', () => {
    const named = [...page.matchAll(/<svg [^>]*role="img" aria-label="([^"]+)"/g)].map((match) => match[1]);
    expect(named.length).toBe(10);
    expect(new Set(named).size).toBe(5);
    expect(page.match(/<details/g)!.length).toBeGreaterThanOrEqual(5);
    expect(page.match(/<caption>/g)!.length).toBe(page.match(/<table/g)!.length);
  });

  test('lists every proposal of every iteration, failures with their reason', () => {
    const { iterations } = sampleAdaptation();
    for (const iteration of iterations) {
      expect(page).toContain(`Iteration ${iteration.index + 1}: ${iteration.proposals.length} proposals`);
    }
    expect(page).toContain('training-failed: the loss became infinite');
  });

  test('every opened element is closed', () => {
    const stack: string[] = [];
    for (const [, closing, name, attributes] of page
      .replace(/<style>[\s\S]*?<\/style>/g, '')
      .matchAll(/<(\/?)([a-z0-9]+)((?:[^>"]|"[^"]*")*)>/gi)) {
      if (closing === '/') expect(stack.pop()).toBe(name);
      else if (!attributes!.endsWith('/') && !['meta', 'link'].includes(name!)) stack.push(name!);
    }
    expect(stack).toEqual([]);
  });
});

describe('where the time goes', () => {
  const { ops } = sampleReport();
  const without = (shares: Report['ops']['seed'], isUnknown: (index: number) => boolean) =>
    shares.map((op, index) => (isUnknown(index) ? { ...op, latencyMs: null } : op));
  const renderedWith = (changed: Partial<Report['ops']>) => {
    const html = renderReport({ ...sampleReport(), ops: { ...ops, ...changed } });
    return /<section aria-labelledby="ops">.*?<\/section>/s.exec(html)?.[0];
  };

  test('counts an op that the table lacks as unknown, never as nothing', () => {
    const section = renderedWith({ final: without(ops.final, (index) => index % 2 === 1) })!;
    expect(section).toContain(
      'The table lacks 7 of 15 ops of the adapted network: their totals are at least what the known ops come to, and shares are left out.',
    );
    const knownMs = ops.final.reduce((sum, op, i) => sum + (i % 2 === 1 ? 0 : op.latencyMs!), 0);
    expect(section).toContain(`>≥\u00a0${(1000 * knownMs).toFixed(2)}\u00a0µs<`);
    expect(section).toContain('of Seed\n');
    expect(section).not.toContain('of NetAdapt\n');
    const row = /<th scope="row">depthwise convolution<\/th>.*?<\/tr>/s.exec(section)![0];
    const cells = [...row.matchAll(/<td[^>]*>([^<]*)</g)].map(([, cell]) => cell);
    expect(cells).toEqual(['14.10', '24\u00a0%', '≥\u00a06.57', '–']);
    expect(section).not.toContain('width="0"');
  });

  test('is left out where no op is known', () => {
    const none = { seed: without(ops.seed, () => true), final: without(ops.final, () => true) };
    expect(renderedWith(none)).toBeUndefined();
    expect(renderedWith({ seed: none.seed })).toContain('The table lacks 15 of 15 ops of the seed:');
  });
});

describe('what the run did', () => {
  const withRequest = (changes: Partial<AdaptationView['request']>) =>
    renderReport(reportOf({ request: { ...sampleAdaptation().request, ...changes } }));

  test('is the published algorithm where it took one proposal at a time, and is said not to be where it took more', () => {
    const published = 'kept the proposal with the highest holdout accuracy, as NetAdapt was published.';
    const one = withRequest({ ranking: 'accuracy', maxChosenPerIteration: 1 });
    expect(one).toContain(published);
    expect(one).toContain('<dt>proposals taken at once</dt><dd>1</dd>');
    const three = withRequest({ ranking: 'accuracy', maxChosenPerIteration: 3 });
    expect(three).not.toContain('as NetAdapt was published');
    expect(three).toContain('up to 2 more that share no op (NetAdapt was published with one).');
    expect(three).toContain('<dt>proposals taken at once</dt><dd>up to 3, while far from the budget</dd>');
    const perLatency = withRequest({ ranking: 'accuracy-per-latency', maxChosenPerIteration: 3 });
    expect(perLatency).not.toContain('as MobileNetV3 does');
    const counted = withRequest({ budget: { params: { ratio: 0.6 } } });
    expect(counted).toContain('the least calibrated holdout loss for what it saves, against');
  });

  test('is told with the width step that it used, not with what its devices show', () => {
    expect(renderReport(reportOf({ widthStep: 8 }))).toContain(
      '<dt>widths in steps of</dt><dd>8 channels</dd>',
    );
    expect(page).not.toContain('the device’s channel step</dd>');
  });

  test('is no iteration where no group could take away more', () => {
    const { iterations } = sampleAdaptation();
    const last = { ...iterations.at(-1)!, index: iterations.length, proposals: [], network: null };
    const html = renderReport(reportOf({ iterations: [...iterations, last] }));
    expect(html).toContain(`${iterations.length} iterations, `);
    expect(html).toMatch(/<td[^>]*>no group could take away more<\/td>/);
    expect(html).not.toContain('nothing yet');
    expect(html).not.toContain(`Iteration ${iterations.length + 1}: 0 proposals`);
  });

  test('has a teacher in the final trainings only where they distil', () => {
    expect(page).toContain('the same long training with the seed as teacher, are measured');
    const recipes = { final: { distillation: 0 } };
    expect(withRequest({ recipes })).toContain('the same long training, are measured');
  });
});

test('accuracies of a run on a device in int8 are said to be those before quantisation, its file to be float32', () => {
  const sample = sampleReport();
  const [local] = sample.devices;
  const devices = [{ name: 'q8', environment: { ...local!.environment!, dtype: 'int8' as const } }];
  const html = renderReport({ ...sample, devices });
  expect(html).toContain('98.93\u00a0% accuracy before quantisation</h1>');
  expect(html).toContain('<span class="beside">before quantisation</span>');
  expect(html).toContain('>accuracy before quantisation</th>');
  expect(html).toContain('Latency on q8 is that of the network quantised to int8.');
  expect(html).toContain('the file to download is float32.');
  expect(page).not.toContain('quantis');
});

test('text of a caller cannot become markup', () => {
  const hostile = '"><script>alert(1)</script>';
  const sample = sampleReport();
  const widths = { [hostile]: 8 };
  const html = renderReport({
    ...sample,
    devices: [{ name: hostile, environment: { ...sample.devices[0]!.environment!, cpuModel: hostile } }],
    ops: {
      seed: [{ key: hostile, count: 1, latencyMs: 1 }],
      final: [{ key: hostile, count: 1, latencyMs: 1 }],
    },
    adaptation: {
      ...sample.adaptation,
      id: hostile,
      seed: { ...sample.adaptation.seed!, widths },
      final: { ...sample.adaptation.final!, widths },
      request: { ...sample.adaptation.request, candidate: { zoo: hostile, options: { [hostile]: hostile } } },
    },
  });
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;');
});

test('the environment of every device whose latency is limited is listed', () => {
  const sample = sampleReport();
  const phone = { ...sample.devices[0]!.environment!, cpuModel: 'Example phone' };
  const devices = [
    ...sample.devices,
    { name: 'phone', environment: phone },
    { name: 'new', environment: null },
  ];
  const html = renderReport({ ...sample, devices });
  for (const text of [
    'Device local',
    'Example CPU @ 2.80GHz',
    'Device phone',
    'Example phone',
    'Device new',
  ]) {
    expect(html).toContain(text);
  }
  expect(html).toContain('The device has not described its environment yet.');
});

test('a missed budget is said to be missed', () => {
  const html = renderReport(reportOf({ budgetMet: false }));
  expect(html).toContain('<span class="status missed">budget not met</span>');
  expect(html).toContain('The measured interval reaches beyond the budget.');
});

test('a run that failed early still makes a page that says why', () => {
  const html = renderReport({
    ...reportOf({
      status: 'failed',
      phase: 'seed-training',
      budgetMs: null,
      budgetMet: null,
      seed: null,
      iterations: [],
      final: null,
      baselines: [],
      error: { code: 'unknown-dataset', message: 'the folder holds no IDX files' },
    }),
    ops: { seed: [], final: [] },
  });
  expect(html).toContain('mobilenet-v3-tiny: not measured yet');
  expect(html).toContain(
    'The run is not finished: failed in phase seed-training: the folder holds no IDX files.',
  );
  expect(html).not.toContain('<svg class="chart" width="14"');
});

test('every limit stands beside what became of it, and what widths alone can reach', () => {
  const sample = sampleAdaptation();
  const interval = { lowMs: 11.4, highMs: 12.2, level: 0.95 };
  const html = renderReport(
    reportOf({
      budget: [
        ...sample.budget,
        {
          resource: { kind: 'latency', device: 'phone' },
          limit: 12,
          seed: 20,
          least: 6,
          reached: 11.8,
          interval,
          met: false,
        },
        {
          resource: { kind: 'params', device: null },
          limit: 150_000,
          seed: 350_000,
          least: 9_000,
          reached: 148_000,
          interval: null,
          met: true,
        },
      ],
      reach: [
        ...sample.reach,
        { device: 'phone', seedMs: 20, leastMs: 18, widthShare: 0.1, ops: 38, noise: 0.05 },
      ],
    }),
  );
  expect(html).toContain('latency on phone</th>');
  expect(html).toContain('>12200.00\u00a0µs<');
  expect(html).toContain('parameters</th>');
  expect(html).toContain('0.148\u00a0M\u00a0parameters');
  expect(html).toContain('Widths buy little on phone: its latency counts ops more than channels');
  expect(html).toContain('±1.2\u00a0% on local, ±5.0\u00a0% on phone');
});

test('the rival that was driven by MACs has a row of its own', () => {
  const { baselines, ...sample } = sampleAdaptation();
  const macs = { ...baselines[2]!, name: 'netadapt-macs', multiplier: null, iterations: 7 };
  const rows = resultRows({ ...sample, baselines: [...baselines, macs] });
  expect(rows.at(-1)).toMatchObject({
    name: 'NetAdapt by MACs',
    note: '7 iterations driven by MACs',
    role: 'macs-rival',
  });
});

test('the seed with the same final training stands for the seed', () => {
  const view = sampleAdaptation();
  expect(resultRows(view).map((row) => row.name)).toEqual([
    'Seed',
    'NetAdapt',
    'Uniform',
    'Uniform, stepped',
  ]);
  expect(resultRows(view)[0]!.network).toBe(view.baselines[0]!.network);
  const without = { ...view, baselines: [] };
  expect(resultRows(without).map((row) => row.note)).toEqual(['uncut, as first trained', '8 iterations']);
});

test('a deviation is the estimate against the measurement and both ends of its interval', () => {
  const [iteration] = sampleAdaptation().iterations;
  const network = {
    ...iteration!.network!,
    estimateMs: 1.1,
    latencyMs: 1,
    interval: { lowMs: 0.88, highMs: 1.1, level: 0.95 },
  };
  const [entry] = deviations([{ ...iteration!, network }]);
  expect(entry!.share).toBeCloseTo(0.1, 12);
  expect(entry!.interval![0]).toBeCloseTo(0, 12);
  expect(entry!.interval![1]).toBeCloseTo(0.25, 12);
  expect(deviations([{ ...iteration!, network: null }])).toEqual([]);
});
