import { setTimeout as delay } from 'node:timers/promises';
import { LutraError } from '../../core/errors.js';
import type { Command } from '../../core/netadapt/command.js';
import { FollowedRun } from '../../core/netadapt/followed-run.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunState } from '../../core/netadapt/run-state.js';
import { databaseError } from '../../db/database-error.js';
import type { AdaptationRow } from '../../db/repositories/adaptation-row.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { completeAdaptation } from '../api/complete-adaptation.js';
import { cancelJob } from '../lease/cancel-job.js';
import { executeCommand } from './execute-command.js';
import { foldRun } from './fold-run.js';
import type { OrchestratorContext } from './run-scope.js';
import { settingsOfRequest } from './settings-of-request.js';

/** Another orchestrator has taken the run over. */
class RunLost extends Error {}

/** How often to look whether someone wants the run to stop. */
const CANCEL_POLL_MS = 200;

/** More than any run has at once. */
const MAX_UNFINISHED = 500;

/**
 * Takes one run from where its events leave it to its end: carries out the commands of the core, writes down what came
 * of them. Everything it knows is in the events, so it may be killed at any point.
 * @param run.token of its owner, who calls this
 * @param signal asks it to let go of the run; jobs under way go on and are found again
 * @throws the signal's reason; whatever may pass, as LutraError `database-busy` and `database-full` do: another attempt
 * will do
 */
export async function driveAdaptation(
  context: OrchestratorContext,
  { id, token }: { readonly id: string; readonly token: number },
  signal: AbortSignal,
): Promise<void> {
  await new Drive(context, new AdaptationRepository(context.db).get(id), token, signal).run();
}

class Drive {
  private readonly adaptations: AdaptationRepository;
  private readonly request;
  private readonly stop = new AbortController();
  private readonly underWay = new Map<string, Promise<void>>();
  private lastSeq = 0;
  private readonly followed: FollowedRun;
  private broken: unknown = null;

  constructor(
    private readonly context: OrchestratorContext,
    private readonly row: AdaptationRow,
    private readonly token: number,
    private readonly signal: AbortSignal,
  ) {
    this.adaptations = new AdaptationRepository(context.db);
    this.request = completeAdaptation(row.request);
    const events = this.adaptations.events(row.id, 0);
    this.lastSeq = events.at(-1)?.seq ?? 0;
    this.followed = new FollowedRun(foldRun(settingsOfRequest(row.request), events));
  }

  async run(): Promise<void> {
    try {
      await this.proceed().catch((error: unknown) => this.recordBreak(error));
    } catch (error) {
      if (error instanceof RunLost) return;
      throw error;
    } finally {
      this.stop.abort();
      await Promise.allSettled(this.underWay.values());
    }
    await this.end();
  }

  private async proceed(): Promise<void> {
    this.begin();
    while (!this.ended) {
      this.signal.throwIfAborted();
      if (this.adaptations.get(this.row.id).cancelRequested) {
        this.record({ type: 'cancelled', key: 'cancel' });
        break;
      }
      for (const command of this.followed.course.commands) this.start(command);
      await this.somethingHappens();
      if (this.broken !== null) throw this.broken;
    }
  }

  /** What would break the run again whenever it is taken up ends it, for everyone to see. */
  private recordBreak(error: unknown): void {
    if (error instanceof RunLost || this.signal.aborted || mayPass(error)) throw error;
    this.record(this.failureOf('course', error));
  }

  private get state(): RunState {
    return this.followed.state;
  }

  private get ended(): boolean {
    return this.state.failure !== null || this.state.cancelled || this.state.finished;
  }

  /** A run that ended and is queued once more was resumed. */
  private begin(): void {
    if (this.row.status !== 'queued') return;
    if (this.state.failure !== null || this.state.cancelled) this.record({ type: 'resumed', key: 'resume' });
    if (!this.adaptations.begin(this.row.id, this.token)) throw new RunLost();
  }

  private start(command: Command): void {
    if (this.underWay.has(command.key)) return;
    const work = this.carryOut(command)
      .catch((error: unknown) => {
        this.broken ??= error;
      })
      .finally(() => this.underWay.delete(command.key));
    this.underWay.set(command.key, work);
  }

  private async carryOut(command: Command): Promise<void> {
    const { key } = command;
    const attempt = this.state.attempts.get(key) ?? 0;
    const scope = {
      ...this.context,
      adaptationId: this.row.id,
      request: this.request,
      jobKey: attempt === 0 ? key : `${key}~${attempt}`,
      signal: this.stop.signal,
    };
    try {
      const event = await executeCommand(scope, command);
      if (!this.stop.signal.aborted) this.record(event);
    } catch (error) {
      if (this.stop.signal.aborted) return;
      if (error instanceof RunLost || mayPass(error)) throw error;
      this.record(this.failureOf(key, error));
    }
  }

  private failureOf(key: string, error: unknown): RunEvent {
    if (error instanceof LutraError) {
      const { code, message, details } = error;
      return { type: 'failed', key, code, message, ...(details !== undefined && { details }) };
    }
    this.context.logger.error({ adaptation: this.row.id, command: key, err: error }, 'command broke');
    return { type: 'failed', key, code: 'internal', message: `${key}: ${String(error)}` };
  }

  /** Writes the event, then believes it. */
  private record(event: RunEvent): void {
    if (this.ended && event.type !== 'resumed') return;
    const { type, ...data } = event;
    if (!this.adaptations.appendEvent(this.row.id, this.lastSeq + 1, type, data)) throw new RunLost();
    this.lastSeq++;
    this.followed.apply(event);
    this.context.logger.info(
      { adaptation: this.row.id, seq: this.lastSeq, type, key: event.key },
      'run event',
    );
  }

  private async somethingHappens(): Promise<void> {
    const wake = new AbortController();
    const tick = delay(CANCEL_POLL_MS, undefined, { signal: wake.signal }).catch(() => undefined);
    await Promise.race([tick, ...this.underWay.values()]);
    wake.abort();
  }

  private async end(): Promise<void> {
    const { failure, cancelled } = this.state;
    if (failure !== null || cancelled) await this.cancelJobs();
    const status = failure !== null ? 'failed' : cancelled ? 'cancelled' : 'finished';
    this.adaptations.end(this.row.id, this.token, status);
  }

  /** A run that has stopped must not keep trainers busy. */
  private async cancelJobs(): Promise<void> {
    const { db, queue } = this.context;
    const filter = { adaptationId: this.row.id, unfinished: true, limit: MAX_UNFINISHED };
    for (const { id } of new JobRepository(db).list(filter)) {
      await cancelJob(db, queue, id).catch((error: unknown) => {
        // It may have finished a moment ago.
        if (!(error instanceof LutraError && error.code === 'conflict')) throw error;
      });
    }
  }
}

/** A database that is locked and a disk that is full are no fault of the run: it waits for them, its jobs go on. */
function mayPass(error: unknown): boolean {
  return (error instanceof LutraError && error.retryable) || databaseError(error) !== undefined;
}
