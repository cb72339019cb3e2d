import { type Static, Type } from 'typebox';

/**
 * What a caller sends: a zoo name with options, or a network document. Both are parsed on entry by
 * `core/zoo` and `core/network/parse-network`, which own the rules and name the offending field.
 */
export const Candidate = Type.Union(
  [
    Type.Object(
      { zoo: Type.String({ minLength: 1, maxLength: 64 }), options: Type.Optional(Type.Unknown()) },
      { additionalProperties: false },
    ),
    Type.Object({ network: Type.Unknown() }, { additionalProperties: false }),
  ],
  { $id: 'Candidate' },
);
export type Candidate = Static<typeof Candidate>;
