import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { DoctorReport } from '../../contracts/doctor.js';
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

const stop = new AbortController();
const windUp = () => stop.abort();
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

const cores = allowedCores();
const [measured = 0] = cores;
const read = machineReader();
// As a measurement: a running service waits, or is waited for.
const lock = new CoreLock(coreLockDirectory(), measured);
await lock.takeForMeasuring(stop.signal);
const report: DoctorReport = {
  machine: [
    ...examineCores(cores, { taskset: canPin(), setpriv: hasSetpriv() }, read),
    ...examineLoad(cores.length, read),
    ...examineTiming(),
  ],
  installation: examineInstallation(values.data),
  engines: await tryEngines(canPin() ? [measured] : null, stop.signal),
};
lock.release();
lock.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
if (process.connected) process.disconnect();

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
}
