import { expect, it } from 'vitest';
import { resizeGroups } from '../../core/network/resize-groups.js';
import { variantOf } from '../../core/network/variant-of.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

const build = () => buildZooNetwork('mobilenet-v3-tiny', { width: 1.5 });
const network = build();
const [first, second] = widthGroups(network).filter(({ frozen }) => !frozen);
const at = (width: number, other: number) => [
  { group: first!.id, width },
  { group: second!.id, width: other },
];

it('a variant is the network that resizing gives, and one object for equal widths', () => {
  const variant = variantOf(network, at(8, 12));
  expect(variant).toEqual(resizeGroups(network, at(8, 12)));
  expect(variantOf(network, at(8, 12))).toBe(variant);
  expect(variantOf(network, at(8, 4))).toEqual(resizeGroups(network, at(8, 4)));
  expect(variantOf(network, at(8, 4))).not.toBe(variant);
  expect(variantOf(build(), at(8, 12))).not.toBe(variant);
});

it('a variant that cannot be is refused every time', () => {
  for (let i = 0; i < 2; i++) {
    expect(() => variantOf(network, [{ group: 'nowhere', width: 8 }])).toThrow(
      "has no width group 'nowhere'",
    );
  }
});
