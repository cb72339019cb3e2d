import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { DoctorReport, Finding } from '../../contracts/doctor.js';
import { allowedCores } from '../serve/allowed-cores.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { canPin } from '../worker/bound-command.js';
import { CoreLock, coreLockDirectory } from '../worker/core-lock.js';
import { withSiblings } from '../worker/sibling-cores.js';
import { examineCores } from './examine-cores.js';
import { examineInstallation } from './examine-installation.js';
import { examineLoad } from './examine-load.js';
import { examineTimingOn } from './examine-timing-on.js';
import { machineReader } from './machine-reader.js';
import { tryEngines } from './try-engines.js';

/** `node dist/services/doctor/main.js [--data DIR]` prints one `DoctorReport` as JSON on standard output. */
const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env.LUTRA_DATA ?? '.lutra' } },
});

const LOCK_WITHIN_MS = 5_000;

const stop = new AbortController();
const windUp = () => stop.abort();
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

const cores = allowedCores();
const [measured = 0] = cores;
const read = machineReader();
const locks = withSiblings([measured]).map((core) => new CoreLock(coreLockDirectory(), core));
const alone = await takenWithin(LOCK_WITHIN_MS);
const report: DoctorReport = {
  machine: [
    ...examineCores(cores, { taskset: canPin(), setpriv: hasSetpriv() }, read),
    ...examineLoad(cores.length, read),
    ...(await examineTimingOn(measured, stop.signal)),
    ...(alone ? [] : [besideMeasurement(measured)]),
  ],
  installation: examineInstallation(values.data),
  engines: await tryEngines(canPin() ? [measured] : null, stop.signal),
};
for (const lock of locks) lock.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
if (process.connected) process.disconnect();

/** A measurement holds its core for a minute or more: better an examination beside it than none. */
async function takenWithin(limitMs: number): Promise<boolean> {
  const limit = AbortSignal.any([stop.signal, AbortSignal.timeout(limitMs)]);
  try {
    for (const lock of locks) await lock.takeForMeasuring(limit);
    return true;
  } catch (error) {
    for (const lock of locks) lock.release();
    stop.signal.throwIfAborted();
    if (error instanceof DOMException && error.name === 'TimeoutError') return false;
    throw error;
  }
}

function besideMeasurement(core: number): Finding {
  return {
    name: 'measurements',
    state: 'warn',
    detail: `another Lutra measures on core ${core} or a sibling of it just now: figures of this report were taken beside it`,
    mend: 'lutra doctor again when it has finished',
  };
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
}
