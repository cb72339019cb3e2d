import { type ErrorCode, LutraError } from '../../core/errors.js';

/** A query, path or header parameter that does not fit; its pointer is `/<name>`. */
export class RefusedParameter extends LutraError {
  readonly place: 'query' | 'path' | 'header';

  constructor(
    place: 'query' | 'path' | 'header',
    message: string,
    pointer: string,
    code: ErrorCode = 'invalid-request',
  ) {
    super(code, message, { pointer });
    this.place = place;
  }
}
