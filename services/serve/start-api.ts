import { join } from 'node:path';
import type { Logger } from 'pino';
import { LutraError } from '../../core/errors.js';
import type { ServerMessage } from '../api/server-message.js';
import { builtEntry } from './built-entry.js';
import { ManagedProcess } from './managed-process.js';

const START_LIMIT_MS = 20_000;

/**
 * Starts the api process.
 * @returns `listening` resolves with its URL, or rejects with LutraError `conflict` saying why it cannot listen
 */
export function startApi(options: {
  readonly port: number;
  readonly host: string;
  readonly datasetFolders?: readonly string[];
  readonly https?: boolean;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly logger: Logger;
}): { readonly process: ManagedProcess; readonly listening: Promise<string> } {
  const { port, host, https = false, datasetFolders = [], dataDirectory, logDirectory, logger } = options;
  const datasets = datasetFolders.flatMap((folder) => ['--datasets', folder]);
  let hear: (message: ServerMessage) => void = () => undefined;
  const argumentsFor = (boundPort: number): readonly string[] => {
    return [
      '--port',
      String(boundPort),
      '--host',
      host,
      '--data',
      dataDirectory,
      ...datasets,
      ...(https ? ['--https'] : []),
    ];
  };
  const process = new ManagedProcess({
    name: 'api',
    entry: builtEntry('api/server.js'),
    args: argumentsFor(port),
    logFile: join(logDirectory, 'api.log'),
    logger,
    onMessage: (message) => hear(message as ServerMessage),
  });
  const listening = new Promise<string>((resolve, reject) => {
    const refuse = (message: string): void => reject(new LutraError('conflict', `api: ${message}`));
    const late = setTimeout(() => refuse(`not listening after ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    hear = (message) => {
      clearTimeout(late);
      if (message.type === 'failed') return refuse(message.message);
      // Started again later, it must come back where its clients know it.
      process.setArguments(argumentsFor(message.port));
      resolve(message.url);
    };
  });
  process.start();
  return { process, listening };
}
