import type { RecordCommand } from '../command.js';

/** The command that ends a run, because what it was asked cannot be had or went wrong for good. */
export function refusal(
  key: string,
  code: 'unreachable-budget' | 'training-failed',
  message: string,
  details?: Readonly<Record<string, unknown>>,
): RecordCommand {
  const event = { type: 'failed', key, code, message, ...(details !== undefined && { details }) } as const;
  return { kind: 'record', key, event };
}
