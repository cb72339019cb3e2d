import type { TSchema } from 'typebox';

const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * Query and path parameters as the types their schema names. What does not read as that type stays text, so that the
 * schema check refuses it.
 * @returns a fresh object
 */
export function coerceParameters(schema: TSchema, received: unknown): unknown {
  if (typeof received !== 'object' || received === null) return received;
  const properties = (
    schema as { readonly properties?: Readonly<Record<string, { readonly type?: unknown }>> }
  ).properties;
  const coerced: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(received)) {
    coerced[name] = coerceParameter(
      properties !== undefined && Object.hasOwn(properties, name) ? properties[name]?.type : undefined,
      value,
    );
  }
  return coerced;
}

function coerceParameter(type: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if ((type === 'integer' || type === 'number') && NUMBER.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
