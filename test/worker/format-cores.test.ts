import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCoreList } from '../../services/serve/allowed-cores.js';
import { formatCores } from '../../services/worker/format-cores.js';

test.each([
  [[0], '0'],
  [[0, 1], '0-1'],
  [[5, 2, 3, 4, 9], '2-5,9'],
  [[0, 2, 3], '0,2-3'],
])('cores %j are written %s, as the kernel does', (cores, list) => {
  expect(formatCores(cores)).toBe(list);
});

test('a list reads back as the same cores', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1 }), (cores) => {
      expect(parseCoreList(formatCores(cores))).toEqual([...cores].sort((a, b) => a - b));
    }),
  );
});

test.each(['', 'two', '1-', '0,,1', '-1', '1.5'])('%j is no list of cores', (list) => {
  expect(parseCoreList(list)).toEqual([]);
});
