import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Packages that a page can bundle. */
const BROWSER_PACKAGES = ['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'protobufjs/minimal.js'];

/** Everything that a source file loads when it runs, types apart, and the packages among it. */
function reach(
  file: string,
  seen = new Map<string, readonly string[]>(),
): ReadonlyMap<string, readonly string[]> {
  if (seen.has(file)) return seen;
  const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const sources = [...code.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from '([^']+)'/gm)].map(
    (match) => match[1]!,
  );
  const others = [...code.matchAll(/import\((?:'([^']+)')?/g)].map(
    (match) => match[1] ?? 'a computed import',
  );
  seen.set(file, [...sources.filter((source) => !source.startsWith('.')), ...others]);
  for (const source of sources)
    if (source.startsWith('.')) reach(join(dirname(file), source.replace(/\.js$/, '.ts')), seen);
  return seen;
}

test.each([
  'runtimes/tfjs/tfjs-runtime.ts',
  'runtimes/onnxruntime/graphs/network-graph.ts',
  'runtimes/onnxruntime/graphs/op-context.ts',
])('%s runs in a page: nothing that it loads needs Node', (entry) => {
  const files = reach(join(root, entry));
  expect(files.size).toBeGreaterThan(10);
  const packages = new Set([...files.values()].flat());
  expect([...packages].filter((name) => !BROWSER_PACKAGES.includes(name))).toEqual([]);
});
