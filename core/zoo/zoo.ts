import { LutraError } from '../errors.js';
import type { Network } from '../network/network.js';
import { type Place, readInteger, readNumber, readObject, within } from '../network/read-field.js';
import { mobilenetV1 } from './mobilenet-v1.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { mobilenetV3Large, mobilenetV3Small } from './mobilenet-v3.js';
import { mobilenetV3Tiny } from './mobilenet-v3-tiny.js';
import type { ZooEntry, ZooOptionValues } from './zoo-entry.js';

/** Every network of the zoo, by name. */
export const ZOO: ReadonlyMap<string, ZooEntry> = new Map(
  [mobilenetV1, mobilenetV2, mobilenetV3Large, mobilenetV3Small, mobilenetV3Tiny].map(
    (entry): [string, ZooEntry] => [entry.name, entry],
  ),
);

/**
 * Builds a zoo network from untrusted options. It ends with logits: no softmax.
 * @param options an object with any of the entry's options; undefined for the defaults
 * @param pointer where the candidate (`{ zoo, options }`) stands in what the caller parses
 * @throws LutraError `unknown-zoo-network` with all names, `invalid-zoo-option` pointing at the option
 */
export function buildZooNetwork(name: string, options: unknown, pointer = ''): Network {
  const entry = ZOO.get(name);
  if (entry === undefined) {
    const names = [...ZOO.keys()];
    throw new LutraError(
      'unknown-zoo-network',
      `expected a zoo network, one of ${names.join(', ')}, got ${JSON.stringify(name)}`,
      { pointer: `${pointer}/zoo`, details: { names } },
    );
  }
  const values = readOptions(entry, options, `${pointer}/options`);
  try {
    return entry.build(values);
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    const message = `zoo network '${name}': these options give no valid network (${error.message})`;
    throw new LutraError('invalid-zoo-option', message, { pointer: `${pointer}/options` });
  }
}

function readOptions(entry: ZooEntry, options: unknown, pointer: string): ZooOptionValues {
  const place: Place = { code: 'invalid-zoo-option', pointer, subject: `zoo network '${entry.name}'` };
  const given = readObject(options === undefined ? {} : options, place, [], Object.keys(entry.options));
  return Object.fromEntries(
    Object.entries(entry.options).map(([name, option]) => {
      if (!Object.hasOwn(given, name)) return [name, option.default];
      const read = option.type === 'integer' ? readInteger : readNumber;
      return [name, read(given[name], within(place, name), option.minimum, option.maximum)];
    }),
  );
}
