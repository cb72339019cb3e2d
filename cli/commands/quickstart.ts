import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandHost } from '../command-host.js';
import { EXIT_CODE_HELP } from '../exit-codes.js';
import { quickstart } from '../quickstart.js';

interface QuickstartOptions {
  readonly json?: boolean;
  readonly dataset: string;
  readonly data?: string;
  readonly report: string;
  readonly runtime?: string;
  readonly macsBaseline?: true;
}

const EXAMPLES = `
Examples:
  npm run quickstart
  lutra quickstart --dataset /usr/share/datasets/fashion-mnist
  lutra quickstart --data .lutra/quickstart-20261124-093000     takes up an interrupted run
  lutra quickstart --macs-baseline
  lutra quickstart --json > result.json
${EXIT_CODE_HELP}`;

export function quickstartCommand(program: Command, host: CommandHost): void {
  program
    .command('quickstart')
    .summary('the whole chain on this machine, in a few minutes')
    .description(
      'Starts a service of its own, measures a small MobileNetV3 on this machine, trains it, adapts it to 60 % of its latency, verifies the result on the device, compares it with uniform width multipliers, and writes a report.',
    )
    .option('--dataset <name>', 'mnist, or a folder of IDX files (28×28 images, 10 classes)', 'mnist')
    .option(
      '--data <folder>',
      'data folder; that of an interrupted run takes it up (default: .lutra/quickstart-<time>)',
    )
    .option('--report <folder>', 'where the report goes', 'report')
    .option('--runtime <name>', 'onnxruntime (default), or fake: a made-up device with exact latencies')
    .option('--macs-baseline', 'compare with the same algorithm driven by MACs too: twice the time')
    .option('--json', 'print one JSON document and nothing else on standard output')
    .addHelpText('after', EXAMPLES)
    .action((options: QuickstartOptions) =>
      host.run(options, (context) =>
        quickstart(context, {
          dataDirectory: resolve(options.data ?? `.lutra/quickstart-${stamp(new Date())}`),
          dataset: options.dataset,
          reportDirectory: options.report,
          macsBaseline: options.macsBaseline ?? false,
          serveArguments: options.runtime === undefined ? [] : ['--runtime', options.runtime],
        }),
      ),
    );
}

/** `20261124-093000`. */
function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
