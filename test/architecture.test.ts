import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each top-level folder may import. Arrows go one way: services, cli → adapters → contracts → core. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  contracts: ['contracts', 'core'],
  formats: ['formats', 'contracts', 'core'],
  db: ['db', 'contracts', 'core'],
  queue: ['queue', 'db', 'contracts', 'core'],
  runtimes: ['runtimes', 'formats', 'contracts', 'core'],
  training: ['training', 'formats', 'contracts', 'core'],
  charts: ['charts', 'contracts', 'core'],
  services: [
    'services',
    'services/worker/measure',
    'training',
    'runtimes',
    'queue',
    'db',
    'formats',
    'contracts',
    'core',
  ],
  cli: ['cli', 'charts', 'contracts', 'core'],
  // Runs in a browser: of the services it reaches what measures, and nothing that needs Node (below).
  'services/dashboard': [
    'services/dashboard',
    'services/worker/measure',
    'runtimes',
    'charts',
    'contracts',
    'core',
  ],
  'services/worker/measure': ['services/worker/measure', 'services', 'runtimes', 'contracts', 'core'],
};

/** Packages that folders below the services may import; the others may import any. */
const CORE_PACKAGES = ['@noble/hashes'];
const CONTRACT_PACKAGES = ['typebox'];

/** Static imports and exports with a source, and dynamic imports of a literal. */
const IMPORT =
  /(?:^|[\s;])(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g;

/** Fewer than this, and the walk has missed something. */
const MINIMUM_FILES: Readonly<Record<string, number>> = {
  core: 60,
  contracts: 15,
  formats: 1,
  db: 20,
  queue: 2,
  runtimes: 5,
  training: 15,
  charts: 15,
  services: 25,
  cli: 15,
  'services/dashboard': 40,
  'services/worker/measure': 10,
};

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly code: string;
  readonly imports: readonly string[];
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** The longest of the folders with rules that a path lies in. */
function folderOf(path: string): string {
  const folders = Object.keys(RULES).filter((folder) => path.startsWith(`${folder}/`));
  return folders.sort((a, b) => b.length - a.length)[0] ?? '';
}

function readSources(folder: string): SourceFile[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((path) => folderOf(path) === folder)
    .map((path) => {
      const code = withoutComments(readFileSync(join(root, path), 'utf8'));
      const imports = [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
      return { path, folder, code, imports };
    });
}

/** The project path that a relative import names, or undefined for packages. */
function resolveImport(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return relative(root, resolve(root, dirname(file.path), specifier))
    .split(sep)
    .join('/');
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const sources = Object.keys(RULES).flatMap(readSources);
const violations = (check: (file: SourceFile) => readonly string[]) =>
  sources.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));

describe('architecture', () => {
  it('sees every folder and their imports', () => {
    const counts = Object.fromEntries(
      Object.keys(RULES).map((folder) => [folder, sources.filter((file) => file.folder === folder).length]),
    );
    for (const [folder, count] of Object.entries(counts)) {
      expect(count, `files seen in ${folder}/`).toBeGreaterThanOrEqual(MINIMUM_FILES[folder] ?? 1);
    }
    expect(sources.reduce((sum, file) => sum + file.imports.length, 0)).toBeGreaterThan(300);
  });

  it('lets imports go one way only', () => {
    expect(
      violations((file) =>
        file.imports.flatMap((specifier) => {
          const target = resolveImport(file, specifier);
          if (target === undefined) return [];
          const folder = folderOf(target);
          return (RULES[file.folder] as readonly string[]).includes(folder) ? [] : [`imports ${target}`];
        }),
      ),
    ).toEqual([]);
  });

  it('imports files that exist, by their built name', () => {
    expect(
      violations((file) =>
        file.imports.flatMap((specifier) => {
          const target = resolveImport(file, specifier);
          if (target === undefined || target.endsWith('.css')) return [];
          const exists =
            target.endsWith('.js') &&
            ['.ts', '.tsx'].some((ext) => existsSync(join(root, target.replace(/\.js$/, ext))));
          return exists ? [] : [`imports ${specifier}`];
        }),
      ),
    ).toEqual([]);
  });

  it('keeps packages out of core and contracts', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      core: CORE_PACKAGES,
      contracts: CONTRACT_PACKAGES,
    };
    expect(
      violations((file) => {
        const packages = allowed[file.folder];
        if (packages === undefined) return [];
        return file.imports
          .filter((specifier) => !specifier.startsWith('.') && !packages.includes(packageName(specifier)))
          .map((specifier) => `imports ${specifier}`);
      }),
    ).toEqual([]);
  });

  it('keeps clocks, chance and the process out of core', () => {
    const impure =
      /\b(Date\.now|new Date\b|Math\.random|performance\.now|process\.|setTimeout|setInterval|globalThis|fetch\()/g;
    expect(
      violations((file) =>
        file.folder === 'core' ? [...file.code.matchAll(impure)].map((match) => `uses ${match[0]}`) : [],
      ),
    ).toEqual([]);
  });

  it('keeps SQL in db and queue', () => {
    const sql = /\.prepare\(|\b(?:INSERT INTO|DELETE FROM|SELECT .+ FROM)\b/g;
    expect(
      violations((file) =>
        file.folder === 'db' || file.folder === 'queue'
          ? []
          : [...file.code.matchAll(sql)].map((match) => `holds SQL: ${match[0]}`),
      ),
    ).toEqual([]);
  });

  it('talks to Lutra over HTTP only from the cli', () => {
    const engines = ['better-sqlite3', 'onnxruntime-node', '@tensorflow/tfjs-node', 'fastify', 'bullmq'];
    expect(
      violations((file) =>
        file.folder === 'cli'
          ? file.imports
              .filter((name) => engines.includes(packageName(name)))
              .map((name) => `imports ${name}`)
          : [],
      ),
    ).toEqual([]);
  });

  it('lets nothing into a browser that needs Node', () => {
    const byPath = new Map(sources.map((file) => [file.path, file]));
    const seen = new Set<string>();
    const reached: string[] = [];
    const walk = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const file = byPath.get(path);
      if (file === undefined) return;
      for (const specifier of file.imports) {
        if (specifier.startsWith('node:')) reached.push(`${path} imports ${specifier}`);
        const target = resolveImport(file, specifier)?.replace(/\.js$/, '');
        for (const ext of ['.ts', '.tsx']) walk(`${target}${ext}`);
      }
      for (const match of file.code.matchAll(/\b(?:Buffer\.|process\.)/g))
        reached.push(`${path} uses ${match[0]}`);
    };
    walk('services/dashboard/main.tsx');
    walk('services/dashboard/device/main.tsx');
    walk('services/dashboard/device/measure-worker.ts');
    expect(seen.size).toBeGreaterThan(80);
    expect(reached).toEqual([]);
  });

  it('keeps engines out of the api process', () => {
    const engines = ['onnxruntime-node', '@tensorflow/tfjs-node', '@tensorflow/tfjs'];
    const byPath = new Map(sources.map((file) => [file.path, file]));
    const seen = new Set<string>();
    const reached: string[] = [];
    const walk = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const file = byPath.get(path);
      if (file === undefined) return;
      for (const specifier of file.imports) {
        if (engines.includes(packageName(specifier))) reached.push(`${path} imports ${specifier}`);
        const target = resolveImport(file, specifier);
        if (target !== undefined) walk(target.replace(/\.js$/, '.ts'));
      }
    };
    walk('services/api/server.ts');
    expect(seen.size).toBeGreaterThan(40);
    expect(reached).toEqual([]);
  });
});
