import type { FastifyReply } from 'fastify';
import type { Problem } from '../../contracts/http/problem.js';
import { ERRORS, type ErrorCode, LutraError } from '../../core/errors.js';
import { databaseError } from '../../db/database-error.js';
import { HTTP_STATUS } from './http-status.js';
import { RefusedParameter } from './refused-parameter.js';

/** Fastify's own refusals that a caller can cause, by its error code. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_INVALID_URL: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid-request',
};

/** Whatever was thrown, as one of Lutra's errors. What nobody foresaw becomes `internal`. */
export function toLutraError(thrown: unknown): LutraError {
  if (thrown instanceof LutraError) return thrown;
  const { code, message } = describeThrown(thrown);
  const ofDatabase = databaseError(thrown);
  if (ofDatabase !== undefined) return ofDatabase;
  const known = code === undefined ? undefined : FRAMEWORK_CODES[code];
  if (known !== undefined) return new LutraError(known, message, { cause: thrown });
  return new LutraError('internal', 'a bug in Lutra; the log of the api says more', { cause: thrown });
}

/** An error as problem+json. */
export function toProblem(error: LutraError): Problem {
  return {
    type: `urn:lutra:error:${error.code}`,
    title: ERRORS[error.code].meaning,
    status: HTTP_STATUS[error.code],
    code: error.code,
    detail: error.message,
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    ...(error instanceof RefusedParameter ? { in: error.place } : {}),
    retryable: error.retryable,
    ...(error.details === undefined ? {} : { details: { ...error.details } }),
  };
}

export function sendProblem(reply: FastifyReply, error: LutraError): FastifyReply {
  const problem = toProblem(error);
  if (error.retryable && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  if (error.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

function describeThrown(thrown: unknown): { readonly code: string | undefined; readonly message: string } {
  if (!(thrown instanceof Error)) return { code: undefined, message: String(thrown) };
  const code = (thrown as { readonly code?: unknown }).code;
  return { code: typeof code === 'string' ? code : undefined, message: thrown.message };
}
