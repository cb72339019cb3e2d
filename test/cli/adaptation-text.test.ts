import { expect, test } from 'vitest';
import { adaptationText } from '../../cli/views/adaptation-text.js';
import { sampleAdaptation } from '../report/sample-report.js';

test('a run on a device in int8 says what its accuracies and its file are of', () => {
  const view = sampleAdaptation();
  expect(adaptationText(view)).not.toContain('quantis');
  const reach = view.reach.map((on) => ({ ...on, dtype: 'int8' as const }));
  expect(adaptationText({ ...view, reach })).toContain(
    'Latency on local is that of the network quantised to int8. Every accuracy is that before quantisation, and the file to ' +
      'download is float32.',
  );
});

test('an iteration in which no group could take away more says so', () => {
  const view = sampleAdaptation();
  const last = { ...view.iterations.at(-1)!, index: view.iterations.length, proposals: [], network: null };
  expect(adaptationText({ ...view, iterations: [...view.iterations, last] })).toMatch(
    /^ *9 +no group could take away more /m,
  );
});
