import type { RouteOptions } from 'fastify';
import type { Api } from '../api.js';
import type { RouteScope } from './route-scope.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route with what it demands of its caller. */
    readonly routeScopes: readonly RouteDemand[];
  }
}

export interface RouteDemand {
  readonly method: string;
  readonly url: string;
  readonly scope: RouteScope;
}

/** Lets the api start only when every one of its routes says who may call it. */
export function requireScopes(api: Api): void {
  const routes: RouteOptions[] = [];
  const demands: RouteDemand[] = [];
  api.decorate('routeScopes', demands);
  api.addHook('onRoute', (route) => {
    routes.push(route);
  });
  // Not earlier: hooks of a part of the app may still set the scope of its routes.
  api.addHook('onReady', async () => {
    for (const { method: methods, url, config } of routes) {
      for (const method of [methods].flat()) {
        if (config?.scope === undefined) throw new Error(`no scope: ${method} ${url}`);
        demands.push({ method, url, scope: config.scope });
      }
    }
  });
}
