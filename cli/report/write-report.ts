import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderReport } from './render-report.js';
import type { ReportData } from './report-data.js';

export interface ReportFiles {
  /** The page, self-contained. */
  readonly page: string;
  /** The same as JSON. */
  readonly document: string;
}

/** Writes `index.html` and `report.json` into a folder, which is made if need be. */
export async function writeReport(folder: string, data: ReportData): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const files = { page: join(folder, 'index.html'), document: join(folder, 'report.json') };
  await writeFile(files.page, renderReport(data));
  await writeFile(files.document, `${JSON.stringify(data, null, 2)}\n`);
  return files;
}
