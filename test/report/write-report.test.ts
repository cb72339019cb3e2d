import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeReport } from '../../cli/report/write-report.js';
import type { Report } from '../../contracts/report.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { sampleReport } from './sample-report.js';

test('report.json is the document of the page, with the version of its schema', async () => {
  const folder = join(temporaryDirectory(), 'report');
  const files = await writeReport(folder, sampleReport());
  expect(readdirSync(folder).sort()).toEqual(['index.html', 'report.json']);
  const document = JSON.parse(readFileSync(files.document, 'utf8')) as Report;
  expect(document.version).toBe(1);
  expect(document).toEqual(JSON.parse(JSON.stringify(sampleReport())));
});

test('a document that does not fit the schema is not written, and the field is named', async () => {
  const folder = join(temporaryDirectory(), 'report');
  const sample = sampleReport();
  const broken = { ...sample, ops: { ...sample.ops, final: [{ key: 'x', count: 0.5, latencyMs: 1 }] } };
  await expect(writeReport(folder, broken)).rejects.toMatchObject({
    code: 'internal',
    pointer: '/ops/final/0/count',
  });
  expect(() => readdirSync(folder)).toThrowError(/ENOENT/);
});
