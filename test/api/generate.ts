import type { Rng } from '../../core/random.js';

/** What the generator reads of a JSON schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
}

/** Texts of which one fits each pattern of the api. */
const TEXTS = ['bench', 'fuzzed', 'mobilenet-v3-tiny', 'a'.repeat(64), '0'.repeat(64), 'AAAA-AAAA', '', '💥'];

/** A value that a JSON schema describes, more or less: what only prose says, it breaks. */
export function generate(
  schema: Schema,
  models: Readonly<Record<string, Schema>>,
  rng: Rng,
  depth = 0,
): unknown {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(rng() * items.length)] as T;
  const again = (inner: Schema): unknown => generate(inner, models, rng, depth + 1);
  if (schema.$ref !== undefined) return again(models[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum);
  if (schema.anyOf !== undefined) return again(pick(schema.anyOf));
  if (schema.type === 'object') return generateObject(schema, again, rng, depth);
  if (schema.type === 'array') {
    const length = (schema.minItems ?? 0) + Math.floor(rng() * 3);
    return Array.from({ length }, () => again(schema.items ?? {}));
  }
  if (schema.type === 'string') {
    const fitting = TEXTS.filter(
      (text) => schema.pattern === undefined || new RegExp(schema.pattern).test(text),
    );
    return pick(fitting.length === 0 ? TEXTS : fitting);
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    const low = schema.minimum ?? schema.exclusiveMinimum ?? -4;
    const high = Math.min(schema.maximum ?? schema.exclusiveMaximum ?? low + 40, low + 1000);
    const value = low + (high - low) * rng();
    return schema.type === 'integer' ? Math.round(value) : value;
  }
  if (schema.type === 'boolean') return rng() < 0.5;
  if (schema.type === 'null') return null;
  return pick([null, 1, 'text', [], {}]);
}

function generateObject(
  { properties = {}, required = [], patternProperties = {} }: Schema,
  again: (schema: Schema) => unknown,
  rng: Rng,
  depth: number,
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (required.includes(name) || rng() < (depth > 6 ? 0.1 : 0.6)) object[name] = again(schema);
  }
  for (const schema of Object.values(patternProperties))
    object[`key${Math.floor(rng() * 9)}`] = again(schema);
  return object;
}
