import { Type } from 'typebox';
import { Problem } from '../../../contracts/http/problem.js';
import { ZooList, ZooNetworkView } from '../../../contracts/http/zoo-view.js';
import { LutraError } from '../../../core/errors.js';
import { ZOO } from '../../../core/zoo/zoo.js';
import type { ZooEntry } from '../../../core/zoo/zoo-entry.js';
import type { Api } from '../api.js';

export function zooRoutes(api: Api): void {
  api.get(
    '/zoo',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['networks'],
        summary: 'Networks that a candidate can name, with their options',
        response: { 200: ZooList },
      },
    },
    async (): Promise<ZooList> => ({ networks: [...ZOO.values()].map(viewOf) }),
  );

  api.get(
    '/zoo/:name',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['networks'],
        summary: 'One network of the zoo',
        params: Type.Object({ name: Type.String() }),
        response: { 200: ZooNetworkView, 404: Problem },
      },
    },
    async (request): Promise<ZooNetworkView> => {
      const entry = ZOO.get(request.params.name);
      if (entry !== undefined) return viewOf(entry);
      throw new LutraError('not-found', `the zoo has no network named '${request.params.name}'`, {
        details: { names: [...ZOO.keys()] },
      });
    },
  );
}

function viewOf({ name, description, options }: ZooEntry): ZooNetworkView {
  return { name, description, options };
}
