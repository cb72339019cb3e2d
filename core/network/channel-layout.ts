import type { Shape } from './network.js';

/** A run of channels that belongs to one width variable. */
export interface ChannelPart {
  readonly variable: number;
  readonly channels: number;
}

/** Parts side by side, the whole of them repeated: `flatten` repeats its input's channels at every position. */
export interface ChannelBlock {
  readonly parts: readonly ChannelPart[];
  readonly repeats: number;
}

/** How the channels of a feature map are made up of width variables, in the order of the channels. */
export type ChannelLayout = readonly ChannelBlock[];

/** Where one variable's channels lie on a weight axis: at `offset + i · stride + c` for each repeat i and channel c. */
export interface ChannelSpan {
  readonly variable: number;
  readonly offset: number;
  readonly repeat: number;
  readonly stride: number;
}

export function layoutOf(variable: number, channels: number): ChannelLayout {
  return [{ parts: [{ variable, channels }], repeats: 1 }];
}

/** All places of all variables on an axis that is laid out so. */
export function spansOf(layout: ChannelLayout): readonly ChannelSpan[] {
  const spans: ChannelSpan[] = [];
  let start = 0;
  for (const { parts, repeats } of layout) {
    const stride = parts.reduce((sum, part) => sum + part.channels, 0);
    let offset = start;
    for (const { variable, channels } of parts) {
      spans.push({ variable, offset, repeat: repeats, stride });
      offset += channels;
    }
    start += stride * repeats;
  }
  return spans;
}

export function variablesOf(layout: ChannelLayout): readonly number[] {
  return layout.flatMap((block) => block.parts.map((part) => part.variable));
}

/** Whether two layouts have the same boundaries, so that their variables correspond one to one. */
export function sameBoundaries(a: ChannelLayout, b: ChannelLayout): boolean {
  return (
    a.length === b.length &&
    a.every((block, i) => {
      const other = b[i]!;
      return (
        block.repeats === other.repeats &&
        block.parts.length === other.parts.length &&
        block.parts.every((part, j) => part.channels === other.parts[j]!.channels)
      );
    })
  );
}

/** Layout of channels joined one after the other. */
export function joinedLayout(layouts: readonly ChannelLayout[]): ChannelLayout {
  const joined: ChannelBlock[] = [];
  for (const block of layouts.flat()) {
    const before = joined.at(-1);
    if (before?.repeats === 1 && block.repeats === 1) {
      joined[joined.length - 1] = { parts: [...before.parts, ...block.parts], repeats: 1 };
    } else {
      joined.push(block);
    }
  }
  return joined;
}

/**
 * Layout after `flatten`.
 * @param shape `[height, width, channels]` before it
 * @returns undefined when a repeated layout would have to be repeated again, which no block can express
 */
export function flattenedLayout(layout: ChannelLayout, shape: Shape): ChannelLayout | undefined {
  const positions = shape[0] * shape[1];
  if (positions === 1) return layout;
  if (layout.some((block) => block.repeats > 1)) return undefined;
  return [{ parts: layout.flatMap((block) => block.parts), repeats: positions }];
}
