import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { type MaintenanceAnswers, MaintenanceRequest } from '../../contracts/maintenance.js';
import { LutraError } from '../../core/errors.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { toLutraError, toProblem } from '../api/problem.js';
import { backUp } from './backup.js';
import { restore } from './restore.js';
import { createToken } from './tokens.js';

/** Answers on standard output: `{"answer": …}` or `{"problem": …}`, one line. */
try {
  const request: unknown = JSON.parse(process.argv[2] ?? 'null');
  if (!Value.Check(MaintenanceRequest, request)) {
    throw new LutraError('invalid-request', 'expected a maintenance request as JSON');
  }
  print({ answer: await carryOut(request) });
} catch (error) {
  print({ problem: toProblem(toLutraError(error)) });
  process.exitCode = 1;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function carryOut(
  request: MaintenanceRequest,
): Promise<MaintenanceAnswers[MaintenanceRequest['command']]> {
  const { dataDirectory } = request;
  if (request.command === 'create-token') {
    return withDatabase(dataDirectory, (db) => createToken(db, request));
  }
  if (request.command === 'restore') return restore(request.file, dataDirectory);
  requireDatabase(dataDirectory);
  if (request.command === 'list-tokens') {
    return withDatabase(dataDirectory, (db) => new TokenRepository(db).list());
  }
  if (request.command === 'revoke-token') {
    return withDatabase(dataDirectory, (db) => new TokenRepository(db).revoke(request.id));
  }
  return withDatabase(dataDirectory, (db) => backUp(db, dataDirectory, request.file));
}

async function withDatabase<T>(dataDirectory: string, work: (db: Database) => T | Promise<T>): Promise<T> {
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

function requireDatabase(dataDirectory: string): void {
  if (existsSync(join(dataDirectory, 'lutra.db'))) return;
  throw new LutraError('not-found', `there is no database in ${dataDirectory}`);
}
