import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { Report } from '../../contracts/report.js';
import { LutraError } from '../../core/errors.js';
import { renderReport } from './render-report.js';

export interface ReportFiles {
  /** The page, self-contained. */
  readonly page: string;
  /** The same as JSON. */
  readonly document: string;
}

const checker = Compile(Report);

/**
 * Writes `index.html` and `report.json` into a folder, which is made if need be.
 * @throws LutraError `internal` for a document that is not what its schema says; nothing is written then
 */
export async function writeReport(folder: string, data: Report): Promise<ReportFiles> {
  checkReport(data);
  await mkdir(folder, { recursive: true });
  const files = { page: join(folder, 'index.html'), document: join(folder, 'report.json') };
  await writeFile(files.page, renderReport(data));
  await writeFile(files.document, `${JSON.stringify(data, null, 2)}\n`);
  return files;
}

function checkReport(data: Report): void {
  if (checker.Check(data)) return;
  const [first] = checker.Errors(data);
  const pointer = first?.instancePath ?? '';
  throw new LutraError('internal', `the report does not fit its schema at '${pointer}': ${first?.message}`, {
    pointer,
  });
}
