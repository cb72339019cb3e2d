// The scaled-out topology as plain processes on this machine: redis-server, one api, the orchestrator of adaptations,
// two workers (a device each) and two trainers, all over loopback; workers and trainers reach nothing but the api.
// Ctrl-C stops everything, in order. `node scripts/cluster.mjs --help` says more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `node scripts/cluster.mjs [options]

  --port N           port of the api (8787; 0 = any free one)
  --data DIR         database, blobs, Redis' append-only file, logs (.lutra-cluster)
  --runtime NAME     of both devices: onnxruntime (default), tfjs-wasm, or fake, a made-up one
  --json             one JSON line instead of text when everything has started
`;
const STOP_LIMIT_MS = 15_000;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    data: { type: 'string', default: '.lutra-cluster' },
    runtime: { type: 'string', default: 'onnxruntime' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const service = (path) => join(root, 'dist', 'services', path);
const data = resolve(values.data);
const logs = join(data, 'logs');
mkdirSync(logs, { recursive: true });

/** In the order in which they started; they stop in the other. */
const processes = [];
let stopping;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

try {
  await startAll();
} catch (error) {
  console.error(`cluster: ${error.message}`);
  process.exitCode = 1;
  await stop();
}

async function startAll() {
  const redisPort = await freePort();
  const persistence = ['--appendonly', 'yes', '--save', '', '--dir', data];
  start('redis', 'redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', ...persistence]);
  const env = { REDIS_URL: `redis://127.0.0.1:${redisPort}` };
  const api = node('api', 'api/server.js', ['--port', values.port, '--data', data], env);
  const [message] = await Promise.race([once(api, 'message'), exitOf('api', api)]);
  if (message.type !== 'listening') throw new Error(message.message);
  node('netadapt', 'netadapt/main.js', ['--data', data], env);
  const home = ['--server', message.url];
  for (const device of ['one', 'two']) {
    const named = ['--device', device, '--runtime', values.runtime, '--label', 'cluster'];
    node(`worker-${device}`, 'worker/main.js', [...home, ...named]);
  }
  for (const name of ['trainer-0', 'trainer-1']) node(name, 'worker/main.js', [...home, '--role', 'train']);
  const ready = {
    url: message.url,
    redis: env.REDIS_URL,
    data,
    processes: processes.map(({ name, child }) => ({ name, pid: child.pid })),
  };
  if (values.json) console.log(JSON.stringify(ready));
  else {
    console.log(`Lutra listens on ${ready.url}; Redis on ${ready.redis}; logs in ${logs}`);
    for (const { name, pid } of ready.processes) console.log(`  ${name.padEnd(12)} pid ${pid}`);
    console.log('Ctrl-C stops everything.');
  }
}

function node(name, entry, args, env = {}) {
  return start(name, process.execPath, [service(entry), ...args], env, ['ipc']);
}

function start(name, program, args, env = {}, channels = []) {
  const log = openSync(join(logs, `${name}.log`), 'a');
  // A group of its own: Ctrl-C reaches this script alone, which stops the others in order.
  const child = spawn(program, args, {
    stdio: ['ignore', log, log, ...channels],
    env: { ...process.env, ...env },
    detached: true,
  });
  child.on('error', (error) => console.error(`cluster: ${name}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (stopping === undefined)
      console.error(`cluster: ${name} ended (${signal ?? code}); see ${logs}/${name}.log`);
  });
  processes.push({ name, child });
  return child;
}

function stop() {
  stopping ??= (async () => {
    const late = setTimeout(() => {
      for (const { child } of processes) child.kill('SIGKILL');
    }, STOP_LIMIT_MS);
    for (const { child } of processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    clearTimeout(late);
  })();
  return stopping;
}

async function exitOf(name, child) {
  await once(child, 'exit');
  throw new Error(`${name} did not start; see ${logs}/${name}.log`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
