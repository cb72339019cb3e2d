import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../contracts/http/problem.js';
import type { MaintenanceAnswers, MaintenanceRequest } from '../contracts/maintenance.js';
import { CliError } from './cli-error.js';
import type { CommandContext } from './context.js';
import { EXIT } from './exit-codes.js';

const MAINTAIN_ENTRY = fileURLToPath(new URL('../services/maintain/main.js', import.meta.url));

type Command = MaintenanceRequest['command'];
type Order<C extends Command> = Omit<Extract<MaintenanceRequest, { command: C }>, 'dataDirectory'>;

/**
 * Has work done on a data folder itself, in a process of its own: what comes before any api access (the first token),
 * or needs files rather than answers.
 * @param data the folder; else `LUTRA_DATA`, else `.lutra`
 */
export async function maintain<C extends Command>(
  { surroundings }: CommandContext,
  data: string | undefined,
  order: Order<C>,
): Promise<MaintenanceAnswers[C]> {
  if (!existsSync(MAINTAIN_ENTRY)) {
    throw new CliError('the service is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
  }
  const dataDirectory = resolve(data ?? surroundings.env.LUTRA_DATA ?? '.lutra');
  const child = spawn(process.execPath, [MAINTAIN_ENTRY, JSON.stringify({ ...order, dataDirectory })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  const { answer, problem } = read<C>(said);
  if (problem !== undefined) throw new CliError(problem.detail, { exitCode: EXIT.failed, problem });
  if (answer === undefined) throw new CliError('the work was cut short', { exitCode: EXIT.failed });
  return answer;
}

function read<C extends Command>(said: string): { answer?: MaintenanceAnswers[C]; problem?: Problem } {
  try {
    return JSON.parse(said) as { answer?: MaintenanceAnswers[C]; problem?: Problem };
  } catch {
    return {};
  }
}
