import { expect, test } from 'vitest';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import { reachText, widthsBuyLittle } from '../../charts/text/reach-text.js';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('a device whose latency counts ops is called so, with the figures', () => {
  // Fixed cost of 95 µs a call: 38 ops, 4.1 ms, of which widths can take away a tenth.
  const reach = { device: 'tfjs', seedMs: 4.1, leastMs: 3.69, widthShare: 0.1, ops: 38, noise: 0.06 };
  expect(widthsBuyLittle(reach)).toBe(true);
  expect(plain(reachText(reach, latencyUnit(4.1)))).toBe(
    'Widths buy little on tfjs: its latency counts ops more than channels. With every width at its least the network takes ' +
      '3.690 ms of the seed’s 4.100 ms, which saves 10 %. The rest is what its 38 ops cost at any width, about ' +
      '0.097 ms each; fewer ops would help, narrower ones do not.',
  );
});

test('one where they buy less than its noise, or a twentieth, is called so', () => {
  const reach = { device: 'tfjs', seedMs: 4.1, leastMs: 3.854, widthShare: 0.06, ops: 38, noise: 0.07 };
  const nothing = /^Widths buy nothing on tfjs: its latency counts ops\. /;
  expect(reachText(reach, latencyUnit(4.1))).toMatch(nothing);
  expect(reachText({ ...reach, noise: 0.01 }, latencyUnit(4.1))).toMatch(/^Widths buy little on tfjs/);
  expect(reachText({ ...reach, widthShare: 0.04, noise: 0.01 }, latencyUnit(4.1))).toMatch(nothing);
  expect(plain(reachText({ ...reach, widthShare: -0.02, noise: 0.01 }, latencyUnit(4.1)))).toContain(
    'which saves 0 %',
  );
});

test('elsewhere it says how far widths go', () => {
  const reach = { device: 'local', seedMs: 0.1012, leastMs: 0.036, widthShare: 0.644, ops: 38, noise: 0.01 };
  expect(widthsBuyLittle(reach)).toBe(false);
  expect(plain(reachText(reach, latencyUnit(0.1012)))).toBe(
    'On local, with every width at its least the network takes 36.0 µs of the seed’s 101.2 µs: widths alone can save 64 %.',
  );
});
