import { Command } from 'commander';
import type { CommandHost } from './command-host.js';
import { adaptCommand } from './commands/adapt.js';
import { backupCommand, restoreCommand } from './commands/backup.js';
import { blobsCommand } from './commands/blobs.js';
import { compareCommand } from './commands/compare.js';
import { devicesCommand } from './commands/devices.js';
import { doctorCommand } from './commands/doctor.js';
import { estimateCommand } from './commands/estimate.js';
import { fidelityCommand } from './commands/fidelity.js';
import { inspectCommand } from './commands/inspect.js';
import { jobsCommand } from './commands/jobs.js';
import { measureCommand } from './commands/measure.js';
import { quickstartCommand } from './commands/quickstart.js';
import { serveCommand } from './commands/serve.js';
import { sessionsCommand } from './commands/sessions.js';
import { tableCommand } from './commands/table.js';
import { tokensCommand } from './commands/tokens.js';
import { workerCommand } from './commands/worker.js';
import { zooCommand } from './commands/zoo.js';
import { EXIT_CODE_HELP } from './exit-codes.js';
import { DEFAULT_URL } from './settings.js';
import { lutraVersion } from './version.js';

const OVERVIEW = `
Start here:
  lutra quickstart                          the whole chain on this machine, on MNIST, in a few minutes
  lutra serve                               the service, for everything below
  lutra doctor                              what works on this machine, and what would make figures better

  lutra measure mobilenet-v3-small          how long it takes on a device, op by op
  lutra compare mobilenet-v2 mobilenet-v3-small    which is faster there, and by how much
  lutra estimate mobilenet-v3-small --width 0.5,0.75,1    from the table, without measuring
  lutra adapt mobilenet-v3-tiny --ratio 0.6 --dataset mnist    shaped to 60 % of its latency

Environment:
  LUTRA_URL    address of the server (default ${DEFAULT_URL})
  LUTRA_TOKEN  sent as a bearer token; or LUTRA_TOKEN_FILE, a file that holds it
  LUTRA_CA     certificate of a server that signed its own: tls/certificate.pem in the data folder of
               lutra serve --https; on its machine, for https://localhost:8787, it is found there
  LUTRA_DATA   data folder of lutra serve
${EXIT_CODE_HELP}`;

/** All commands, each registered by its own file. */
export function buildProgram(host: CommandHost): Command {
  const { stdout, stderr } = host.surroundings;
  const program = new Command('lutra')
    .description(
      'Measures neural networks on the hardware they will run on, and shapes them to a latency budget.',
    )
    .version(lutraVersion())
    .enablePositionalOptions()
    .showHelpAfterError('(lutra --help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .addHelpText('after', OVERVIEW);
  const registrations = [
    quickstartCommand,
    serveCommand,
    doctorCommand,
    workerCommand,
    measureCommand,
    compareCommand,
    estimateCommand,
    tableCommand,
    fidelityCommand,
    adaptCommand,
    jobsCommand,
    devicesCommand,
    sessionsCommand,
    inspectCommand,
    zooCommand,
    tokensCommand,
    blobsCommand,
    backupCommand,
    restoreCommand,
  ];
  for (const register of registrations) register(program, host);
  return program;
}
