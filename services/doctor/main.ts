import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { DoctorReport, Finding } from '../../contracts/doctor.js';
import { allowedCores } from '../serve/allowed-cores.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { canPin } from '../worker/bound-command.js';
import { CoreLock, coreLockDirectory } from '../worker/core-lock.js';
import { examineCores } from './examine-cores.js';
import { examineInstallation } from './examine-installation.js';
import { examineLoad } from './examine-load.js';
import { examineTiming } from './examine-timing.js';
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
const lock = new CoreLock(coreLockDirectory(), measured);
const alone = await takenWithin(lock, LOCK_WITHIN_MS);
const report: DoctorReport = {
  machine: [
    ...examineCores(cores, { taskset: canPin(), setpriv: hasSetpriv() }, read),
    ...examineLoad(cores.length, read),
    ...examineTiming(),
    ...(alone ? [] : [besideMeasurement(measured)]),
  ],
  installation: examineInstallation(values.data),
  engines: await tryEngines(canPin() ? [measured] : null, stop.signal),
};
lock.release();
lock.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
if (process.connected) process.disconnect();

/** A measurement holds its core for a minute or more: better an examination beside it than none. */
async function takenWithin(core: CoreLock, limitMs: number): Promise<boolean> {
  try {
    await core.takeForMeasuring(AbortSignal.any([stop.signal, AbortSignal.timeout(limitMs)]));
    return true;
  } catch (error) {
    stop.signal.throwIfAborted();
    if (error instanceof DOMException && error.name === 'TimeoutError') return false;
    throw error;
  }
}

function besideMeasurement(core: number): Finding {
  return {
    name: 'measurements',
    state: 'warn',
    detail: `another Lutra measures on core ${core} just now: figures of this report were taken beside it`,
    mend: 'lutra doctor again when it has finished',
  };
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
}
