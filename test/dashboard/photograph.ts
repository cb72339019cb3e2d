import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Where `scripts/screenshots.mjs` wants pictures; unset in tests. */
const FOLDER = process.env.LUTRA_PICTURES;

/** What is further down repeats itself. */
const MOST_PIXELS = 2000;

/** Takes a picture of the page, where pictures are wanted. */
export async function photograph(page: Page, name: string, width: string): Promise<void> {
  if (FOLDER === undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  await page.mouse.move(0, 0);
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  await page.screenshot({
    path: join(FOLDER, `page-${name}-${width}.png`),
    fullPage: true,
    clip: { x: 0, y: 0, width: Number(width), height: Math.min(height, MOST_PIXELS) },
  });
}
