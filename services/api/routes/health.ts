import { Liveness, Readiness } from '../../../contracts/http/health.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';

export function healthRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/healthz',
    {
      config: { scope: 'public' },
      schema: { tags: ['service'], summary: 'Whether the process answers', response: { 200: Liveness } },
    },
    async (): Promise<Liveness> => ({ status: 'ok' }),
  );

  api.get(
    '/readyz',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['service'],
        summary: 'Whether database and queue answer, and which workers were heard of',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async ({ principal }, reply): Promise<Readiness> => {
      const database = await check('database', async () => `${context.devices.list().length} devices`);
      const queue = await check('queue', async () => {
        const depths = [...(await context.queue.depth()).values()];
        return `${depths.reduce((sum, { waiting }) => sum + waiting, 0)} jobs waiting`;
      });
      const ready = database.ok && queue.ok;
      // Names of devices are nobody's business who has no token.
      const workers =
        database.ok && principal !== null
          ? context.devices.list().map(({ name, lastSeenAtMs }) => ({ device: name, lastSeenAtMs }))
          : [];
      reply.code(ready ? 200 : 503);
      return { ready, checks: [database, queue], workers };
    },
  );
}

async function check(name: string, ask: () => Promise<string>): Promise<Readiness['checks'][number]> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
