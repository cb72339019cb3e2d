import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import type { Api } from './api.js';

/** Describes the routes that are added after it: `/openapi.json` for programs, `/docs` for people, both offline. */
export async function addOpenApi(api: Api, version: string, models: readonly TSchema[]): Promise<void> {
  const names = new Set(models.map(idOf));
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lutra',
        version,
        description:
          'Measures neural networks on the hardware they will run on, estimates others from the lookup table, and ' +
          'shapes them to a latency budget. Durations are milliseconds. Errors: docs/errors.md.',
      },
      tags: [
        { name: 'networks', description: 'What a candidate is' },
        { name: 'measuring', description: 'Jobs, and the tables that they fill' },
        { name: 'devices', description: 'What networks run on' },
        { name: 'leases', description: 'Work for devices and trainers that reach nothing but the api' },
        { name: 'adapting', description: 'NetAdapt runs' },
        { name: 'service', description: 'Health, blobs, sessions of browsers, pairing' },
      ],
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `model-${i}`) },
    transform: ({ schema, url }) => ({
      schema: (schema === undefined ? {} : referTo(names, schema)) as FastifySchema,
      url,
    }),
  });
  for (const model of models) {
    const fields = Object.fromEntries(
      Object.entries(model).map(([key, value]) => [key, referTo(names, value)]),
    );
    api.addSchema(fields);
  }
  await api.register(async (docs: Api) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'public' };
    });
    await docs.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  });
  api.get('/openapi.json', { config: { scope: 'public' }, schema: { hide: true } }, async () =>
    api.swagger(),
  );
}

/** A copy in which every named model is a reference, so that the document says each once. */
function referTo(names: ReadonlySet<string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => referTo(names, item));
  if (typeof value !== 'object' || value === null) return value;
  const id = idOf(value);
  if (names.has(id)) return { $ref: `${id}#` };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, referTo(names, member)]));
}

function idOf(schema: object): string {
  return String((schema as { readonly $id?: unknown }).$id ?? '');
}
