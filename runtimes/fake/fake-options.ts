import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { LutraError } from '../../core/errors.js';

/** What a rule makes a graph do. */
export const FakeBehaviour = Type.Union([
  /** The process aborts. */
  Type.Literal('crash'),
  /** An infinite loop. */
  Type.Literal('hang'),
  /** The process kills itself as the kernel does when memory runs out. */
  Type.Literal('out-of-memory'),
  /** The runtime refuses to open the graph. */
  Type.Literal('unsupported'),
  /** The runtime opens the graph and throws when it runs it, as one that lacks a kernel does. */
  Type.Literal('unsupported-in-run'),
  /** Durations of 0, not a number, or below zero. */
  Type.Literal('zero'),
  Type.Literal('nan'),
  Type.Literal('negative'),
  /** `slowdown` times the formula. */
  Type.Literal('slow'),
]);
export type FakeBehaviour = Static<typeof FakeBehaviour>;

export const FakeRule = Type.Object(
  {
    /** `op:<key>` or `network:<hash>`; `*` stands for any characters. */
    match: Type.String(),
    behaviour: FakeBehaviour,
    /** From which timed run of the graph on, counting from 0; default: the first. */
    fromRun: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Up to which timed run, not included; default: no end. */
    untilRun: Type.Optional(Type.Integer({ minimum: 0 })),
    slowdown: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);
export type FakeRule = Static<typeof FakeRule>;

export const FakeOptions = Type.Object(
  {
    /** Each op costs this much whatever its size. */
    opFixedNs: Type.Optional(Type.Number({ minimum: 0 })),
    /** Multiply-accumulates a nanosecond, of whole channel blocks. */
    macsPerNs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Output elements a nanosecond: what ops without arithmetic cost. */
    elementsPerNs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    channelStep: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A whole network takes this times the sum of its ops, plus `networkOverheadNs`. */
    networkFactor: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    networkOverheadNs: Type.Optional(Type.Number({ minimum: 0 })),
    /** Standard deviation of durations as a share; 0 = exact. */
    noise: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    noiseSeed: Type.Optional(Type.Integer()),
    /** All durations are multiplied by this: another load state. */
    level: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Step of the clock that durations are read from, in nanoseconds, as a browser's; 1 = exact. */
    clockStepNs: Type.Optional(Type.Number({ minimum: 1, maximum: 10_000_000 })),
    /** Spend the durations for real instead of only reporting them. */
    spend: Type.Optional(Type.Boolean()),
    rules: Type.Optional(Type.Array(FakeRule)),
    /** The process dies when it is about to measure and this file is there, and takes the file with it. */
    dyingFile: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type FakeOptions = Static<typeof FakeOptions>;

const checker = Compile(FakeOptions);

/** @throws LutraError `invalid-request` pointing at the option */
export function parseFakeOptions(value: unknown): FakeOptions {
  if (checker.Check(value)) return value;
  const [error] = checker.Errors(value);
  throw new LutraError('invalid-request', `fake runtime: ${error?.message ?? 'invalid options'}`, {
    pointer: `/runtimeOptions${error?.instancePath ?? ''}`,
  });
}
