import { setTimeout as delay } from 'node:timers/promises';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { driveAdaptation } from './drive-adaptation.js';
import type { OrchestratorContext } from './run-scope.js';

export interface OrchestratorOptions {
  /** Name, for people. */
  readonly owner: string;
  /** A run whose orchestrator is silent for so long goes to another one. */
  readonly leaseMs: number;
  /** How often to look for runs that nobody drives. */
  readonly scanMs: number;
}

/** Drives every run that nobody else does, any number at once, until the signal fires. */
export async function orchestrate(
  context: OrchestratorContext,
  options: OrchestratorOptions,
  signal: AbortSignal,
): Promise<void> {
  const adaptations = new AdaptationRepository(context.db);
  const driven = new Set<Promise<void>>();
  const takeOver = (): void => {
    for (const id of adaptations.unowned()) {
      const token = adaptations.claimOwnership(id, options.owner, options.leaseMs);
      if (token === null) continue;
      const drive = driveOwned(context, options, id, token, signal).finally(() => driven.delete(drive));
      driven.add(drive);
    }
  };
  while (!signal.aborted) {
    try {
      takeOver();
    } catch (error) {
      // A full disk, a lock held for long: the runs under way must not end with it.
      context.logger.error({ err: error }, 'could not take over runs; trying again');
    }
    await delay(options.scanMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.allSettled(driven);
}

/** Never rejects: a run that breaks is logged and, its lease over, tried again. */
async function driveOwned(
  { logger, ...rest }: OrchestratorContext,
  { leaseMs }: OrchestratorOptions,
  id: string,
  token: number,
  signal: AbortSignal,
): Promise<void> {
  const adaptations = new AdaptationRepository(rest.db);
  const lost = new AbortController();
  const renewal = setInterval(() => {
    try {
      if (!adaptations.renew(id, token, leaseMs))
        lost.abort(new Error('the run went to another orchestrator'));
    } catch (error) {
      logger.warn({ adaptation: id, err: error }, 'could not renew the lease on a run');
    }
  }, leaseMs / 3);
  try {
    await untilLetGo();
    adaptations.release(id, token);
  } catch (error) {
    logger.error({ adaptation: id, err: error }, 'driving a run broke');
  } finally {
    clearInterval(renewal);
  }

  /** Ends without an error when the orchestrator was asked to stop. */
  async function untilLetGo(): Promise<void> {
    try {
      await driveAdaptation({ ...rest, logger }, { id, token }, AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
