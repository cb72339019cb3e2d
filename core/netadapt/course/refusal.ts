import type { RecordCommand } from '../command.js';
import type { DeadEnd } from './dead-end.js';

/** The command that ends a run, because what it was asked cannot be had or went wrong for good. */
export function refusal(deadEnd: DeadEnd): RecordCommand {
  return { kind: 'record', key: deadEnd.key, event: { type: 'failed', ...deadEnd } };
}
