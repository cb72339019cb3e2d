import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandHost } from '../command-host.js';
import { withDataOptions } from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { maintain } from '../maintenance.js';
import { compactBytes } from '../text/compact-bytes.js';

interface DataOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function backupCommand(program: Command, host: CommandHost): void {
  withDataOptions(
    program
      .command('backup')
      .summary('copy database and weights into one file, while the service runs')
      .description(
        'Writes one file: a SQLite database as of one moment, with the weights that it refers to. The service may go on meanwhile. An existing file is not overwritten.',
      )
      .argument('<file>', 'to write'),
    ['lutra backup /backup/lutra-$(date +%F).db', 'lutra backup nightly.db --data /var/lib/lutra'],
  ).action((file: string, options: DataOptions) =>
    host.run(options, async (context) => {
      const view = await maintain<'backup'>(context, options.data, {
        command: 'backup',
        file: resolve(file),
      });
      context.output.result(view, () => `${view.file}: ${compactBytes(view.bytes)}, ${view.blobs} weights`);
      return EXIT.ok;
    }),
  );
}

export function restoreCommand(program: Command, host: CommandHost): void {
  withDataOptions(
    program
      .command('restore')
      .summary('make a data folder from a backup')
      .description(
        'Checks the backup, every hash included, and makes a data folder from it, whole or not at all. A folder that holds a database, or what one left beside it, is not overwritten: move that away first.',
      )
      .argument('<file>', 'that lutra backup wrote'),
    ['lutra restore /backup/lutra-2026-11-25.db --data ./restored'],
  ).action((file: string, options: DataOptions) =>
    host.run(options, async (context) => {
      const view = await maintain<'restore'>(context, options.data, {
        command: 'restore',
        file: resolve(file),
      });
      context.output.result(view, () => `${view.dataDirectory}: database and ${view.blobs} weights restored`);
      return EXIT.ok;
    }),
  );
}
