/**
 * Every error that Lutra throws on purpose, once: its code, whether trying again can help, and what it means.
 * `docs/errors.md` lists the same codes (a test holds them equal); `services/api/problem.ts` maps them to HTTP.
 * A *failed measurement* is data, not an error: see `contracts/measurement.ts`.
 */
export const ERRORS = {
  'invalid-request': { retryable: false, meaning: 'the request does not fit its schema' },
  'invalid-network': { retryable: false, meaning: 'the network document is not a valid graph' },
  'unknown-zoo-network': { retryable: false, meaning: 'the zoo has no network of that name' },
  'invalid-zoo-option': { retryable: false, meaning: 'the zoo network has no such option or not that value' },
  'invalid-op-key': { retryable: false, meaning: 'an op key that does not decode' },
  unauthorized: { retryable: false, meaning: 'no valid token came with the request' },
  forbidden: { retryable: false, meaning: 'the token does not allow this' },
  'rate-limited': { retryable: true, meaning: 'too many requests in a short time' },
  'not-found': { retryable: false, meaning: 'no resource of that kind and id' },
  'unknown-device': { retryable: false, meaning: 'no device of that name is registered' },
  'unknown-dataset': { retryable: false, meaning: 'no data set of that name, or its files are missing' },
  'dataset-mismatch': {
    retryable: false,
    meaning: "the data set is another than was named, or does not fit the network's input or classes",
  },
  'training-failed': {
    retryable: false,
    meaning:
      'no network came of training: the loss was no longer a finite number, or data or weights were missing or changed',
  },
  'measuring-failed': {
    retryable: false,
    meaning: 'the device could not measure a network that a run needs',
  },
  'engine-unavailable': {
    retryable: false,
    meaning: 'the training engine is not installed on this machine',
  },
  'unreachable-budget': { retryable: false, meaning: 'no width of this network meets the budget' },
  'missing-ops': { retryable: false, meaning: 'strict estimate, and the table lacks ops of the network' },
  'missing-weights': { retryable: false, meaning: 'weights do not fit the network' },
  conflict: { retryable: false, meaning: 'the resource is in a state that does not allow this' },
  'idempotency-mismatch': { retryable: false, meaning: 'the Idempotency-Key was used with another body' },
  'lease-lost': { retryable: false, meaning: 'the lease ended or went to another worker' },
  'unsupported-op': { retryable: false, meaning: 'the runtime or trainer cannot execute this op' },
  'schema-mismatch': {
    retryable: false,
    meaning: 'the database has a migration that this version does not know',
  },
  'unsupported-media-type': {
    retryable: false,
    meaning: 'the body is of a type that this resource does not take',
  },
  'range-not-satisfiable': { retryable: false, meaning: 'the range lies behind the end' },
  'payload-too-large': { retryable: false, meaning: 'the body exceeds the limit' },
  'database-busy': { retryable: true, meaning: 'the database stayed locked beyond the time limit' },
  'database-full': {
    retryable: false,
    meaning: 'no space is left for the database or the blobs; what is there can be read',
  },
  'api-unreachable': { retryable: true, meaning: 'a worker gets no answer from the api' },
  'queue-unavailable': { retryable: true, meaning: 'the queue (Redis) cannot be reached' },
  internal: { retryable: false, meaning: 'a bug in Lutra' },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

export class LutraError extends Error {
  readonly code: ErrorCode;
  /** JSON pointer into the input that was refused, e.g. `/candidate/network/nodes/3/filters`. */
  readonly pointer: string | undefined;
  /** Facts a caller can act on, e.g. `{ leastMs: 4.1 }`. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { pointer?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'LutraError';
    this.code = code;
    this.pointer = options.pointer;
    this.details = options.details;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}
