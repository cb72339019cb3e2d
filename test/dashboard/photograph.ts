import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Where `scripts/screenshots.mjs` wants pictures; unset in tests. */
const FOLDER = process.env.LUTRA_PICTURES;

/** Takes a picture of the whole page, where pictures are wanted. */
export async function photograph(page: Page, name: string, width: string): Promise<void> {
  if (FOLDER === undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(FOLDER, `page-${name}-${width}.png`), fullPage: true });
}
