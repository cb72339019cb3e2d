import { type Static, Type } from 'typebox';

/** Body of every 4xx and 5xx answer (RFC 9457, `application/problem+json`). */
export const Problem = Type.Object(
  {
    /** `urn:lutra:error:<code>`. */
    type: Type.String(),
    /** What the code means, the same sentence as in `docs/errors.md`. */
    title: Type.String(),
    status: Type.Integer(),
    /** Stable; programs branch on it. */
    code: Type.String(),
    /** What is wrong with this request: what was expected and what came. */
    detail: Type.String(),
    /** JSON pointer to the offending field of the body, or `/<name>` of a query or path parameter. */
    pointer: Type.Optional(Type.String()),
    /** Where `pointer` points into when it is not the body. */
    in: Type.Optional(Type.Union([Type.Literal('query'), Type.Literal('path'), Type.Literal('header')])),
    /** Whether the same request can succeed later. */
    retryable: Type.Boolean(),
    /** Facts a caller can act on, e.g. `{ "leastMs": 4.1 }`. */
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { $id: 'Problem' },
);
export type Problem = Static<typeof Problem>;
