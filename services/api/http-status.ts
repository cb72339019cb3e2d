import type { ErrorCode } from '../../core/errors.js';

/** The one table from error codes to HTTP. 400: not what the schema says; 422: well formed, and wrong. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'invalid-network': 422,
  'unknown-zoo-network': 422,
  'invalid-zoo-option': 422,
  'invalid-op-key': 422,
  'not-found': 404,
  'unknown-device': 404,
  'unknown-dataset': 422,
  'dataset-mismatch': 422,
  'training-failed': 422,
  'measuring-failed': 422,
  'engine-unavailable': 422,
  'unreachable-budget': 422,
  'missing-ops': 422,
  'missing-weights': 422,
  conflict: 409,
  'idempotency-mismatch': 422,
  'lease-lost': 409,
  'unsupported-op': 422,
  'unsupported-media-type': 415,
  'schema-mismatch': 500,
  'payload-too-large': 413,
  'database-busy': 503,
  internal: 500,
};
