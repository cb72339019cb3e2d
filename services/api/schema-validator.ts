import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { LutraError } from '../../core/errors.js';
import { coerceParameters } from './coerce-parameters.js';
import { memberOfKind } from './member-of-kind.js';
import { refusedField, type SchemaError } from './refused-field.js';
import { RefusedParameter } from './refused-parameter.js';

const PLACES: Readonly<Record<string, 'query' | 'path' | 'header'>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/**
 * Checks requests against their TypeBox schemas, as they came: nothing is dropped, defaulted or converted in a body;
 * query and path parameters, which are text, are read as the number or boolean that the schema names.
 */
export const schemaValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const checker = Compile(schema);
  const place = PLACES[httpPart ?? ''];
  return (received: unknown) => {
    const value = place === undefined ? received : coerceParameters(schema, received);
    if (checker.Check(value)) return { value };
    const told = memberOfKind(schema, value);
    const errors = told === schema ? checker.Errors(value) : Compile(told).Errors(value);
    const { pointer, detail } = refusedField(errors as readonly SchemaError[]);
    return {
      error:
        place === undefined
          ? new LutraError('invalid-request', `${pointer === '' ? 'the body' : pointer}: ${detail}`, {
              pointer,
            })
          : new RefusedParameter(place, `${place} parameter ${pointer.slice(1)}: ${detail}`, pointer),
    };
  };
};
