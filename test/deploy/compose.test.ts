import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCoreList } from '../../services/serve/allowed-cores.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly command?: readonly string[];
  readonly cpuset?: string;
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, object>>;
}

const { services, volumes } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), {
  merge: true,
}) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
};
const all = Object.entries(services);

describe('docker-compose.yml', () => {
  it('has the services of the topology', () => {
    expect(Object.keys(services).sort()).toEqual(['api', 'netadapt', 'redis', 'tokens', 'trainer', 'worker']);
  });

  it.each(all)('%s runs with as little as it needs', (name, service) => {
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.privileged).toBeUndefined();
    expect(service.image).toMatch(/:\d+\.\d+\.\d+/);
    if (name === 'tokens') expect(service.restart).toBe('no');
    else expect(service).toMatchObject({ restart: 'unless-stopped', healthcheck: expect.anything() });
    for (const word of [service.entrypoint, service.command, service.healthcheck?.test].flat()) {
      expect(['string', 'undefined']).toContain(typeof word);
    }
    for (const value of Object.values(service.environment ?? {}))
      expect(value).not.toMatch(/lutra_[0-9a-z]{10}_/);
  });

  it('is reached from this host only, and from there by the api alone', () => {
    expect(all.flatMap(([, { ports = [] }]) => ports)).toEqual(['127.0.0.1:8787:8787']);
  });

  it('keeps Redis on disk, and every named volume that a service uses exists', () => {
    expect(services.redis?.command?.join(' ')).toContain('--appendonly yes');
    const named = all
      .flatMap(([, service]) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '');
    for (const volume of named.filter((name) => !name.startsWith('.')))
      expect(volumes).toHaveProperty(volume);
  });

  it('starts files that the build makes, with options that they know', () => {
    for (const [name, { entrypoint = ['node', 'dist/cli/main.js'], command = [], image }] of all) {
      if (!image.startsWith('lutra') || name === 'tokens') continue;
      const [program, file = ''] = entrypoint;
      expect(program).toBe('node');
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      const source = file.endsWith('cli/main.js')
        ? readFileSync(join(ROOT, 'cli/commands/worker.ts'), 'utf8')
        : readFileSync(join(ROOT, file.replace(/^dist\//, '').replace(/\.js$/, '.ts')), 'utf8');
      for (const option of command.filter((word) => word.startsWith('--'))) {
        expect(source, `${name} ${option}`).toMatch(new RegExp(`${option}\\b|\\b${option.slice(2)}:`));
      }
    }
  });

  it('measures on a core that it is pinned to, where neither its supervisor nor training is', () => {
    const { command = [], cpuset = '' } = services.worker!;
    const measured = parseCoreList(command[command.indexOf('--cpu') + 1] ?? '');
    expect(measured.length).toBe(1);
    const allowed = parseCoreList(cpuset);
    expect(allowed).toEqual(expect.arrayContaining([...measured]));
    expect(allowed.length).toBeGreaterThan(measured.length);
    const trained = parseCoreList(services.trainer?.cpuset ?? '');
    expect(trained.length).toBeGreaterThan(0);
    expect(trained.filter((core) => measured.includes(core))).toEqual([]);
  });

  it('is understood by docker compose, where this machine has it', (context) => {
    const has = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' }).status === 0;
    if (!has) return context.skip('docker compose is not installed here');
    const checked = spawnSync('docker', ['compose', '-f', 'docker-compose.yml', 'config', '--quiet'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
  });
});

it('Dockerfile: a pinned base, not root, nothing of the development tree', () => {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases).size).toBe(1);
  expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-/);
  expect(text.lastIndexOf('USER node')).toBeGreaterThan(text.lastIndexOf('FROM'));
  expect(text).not.toMatch(/^ADD /m);
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.git', 'node_modules', 'dist', '.lutra']));
});
