import type { Scope } from '../../../contracts/scope.js';
import type { Principal } from './principal.js';

/** What a route demands of its caller: nothing, a scope, or one of several. Every route says it. */
export type RouteScope = 'public' | Scope | readonly Scope[];

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Set before any handler runs; null only on public routes. */
    principal: Principal | null;
  }
}

/** The scopes that open a route; empty: no scope is needed. */
export function scopesThatOpen(scope: RouteScope): readonly Scope[] {
  if (scope === 'public') return [];
  return typeof scope === 'string' ? [scope] : scope;
}
