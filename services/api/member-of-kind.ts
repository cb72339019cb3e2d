import type { TSchema } from 'typebox';

interface Kinded {
  readonly properties?: { readonly kind?: { readonly const?: unknown } };
}

/**
 * The alternative of a union that a value names by its `kind`: what is wrong with the value is told by that one alone.
 * @returns the schema itself when it is no such union, or the value names none of its kinds
 */
export function memberOfKind(schema: TSchema, value: unknown): TSchema {
  const { anyOf } = schema as { readonly anyOf?: readonly (TSchema & Kinded)[] };
  if (anyOf === undefined || typeof value !== 'object' || value === null || !('kind' in value)) return schema;
  return anyOf.find(({ properties }) => properties?.kind?.const === value.kind) ?? schema;
}
