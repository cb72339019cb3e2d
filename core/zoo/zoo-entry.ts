import type { Network } from '../network/network.js';

/** A numeric option of a zoo network. */
export interface ZooOption {
  readonly description: string;
  readonly type: 'integer' | 'number';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/** Values of all options that an entry declares, within their bounds. */
export type ZooOptionValues<Name extends string = string> = Readonly<Record<Name, number>>;

/** One network of the zoo. */
export interface ZooEntry<Name extends string = string> {
  readonly name: string;
  readonly description: string;
  readonly options: Readonly<Record<Name, ZooOption>>;
  /** @param options a value for every option */
  build(options: ZooOptionValues<Name>): Network;
}

export type CommonOption = 'width' | 'resolution' | 'inputChannels' | 'classes';

/** The options of every family, with the defaults that a family may change. */
export function commonOptions(
  defaults: { readonly resolution: number; readonly inputChannels: number; readonly classes: number } = {
    resolution: 224,
    inputChannels: 3,
    classes: 1000,
  },
): Readonly<Record<CommonOption, ZooOption>> {
  return {
    width: {
      description: 'multiplier of all channel counts, rounded to multiples of 8',
      type: 'number',
      minimum: 0.05,
      maximum: 4,
      default: 1,
    },
    resolution: {
      description: 'height and width of the input in pixels',
      type: 'integer',
      minimum: 8,
      maximum: 1024,
      default: defaults.resolution,
    },
    inputChannels: {
      description: 'channels of the input: 3 for colour, 1 for grey',
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: defaults.inputChannels,
    },
    classes: {
      description: 'units of the last layer',
      type: 'integer',
      minimum: 1,
      maximum: 16_384,
      default: defaults.classes,
    },
  };
}
