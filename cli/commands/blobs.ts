import type { Command } from 'commander';
import type { BlobCollection } from '../../contracts/http/blob.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { durationValue } from '../input/duration-value.js';
import { compactBytes } from '../text/compact-bytes.js';

interface CollectOptions extends CommonOptions {
  readonly grace?: number;
  readonly dryRun?: boolean;
}

export function blobsCommand(program: Command, host: CommandHost): void {
  const blobs = program.command('blobs').summary('free the space of weights that nothing needs');
  blobs.description(
    'Weights of networks, kept by their hash. The service collects what nothing refers to once an hour.',
  );
  withCommonOptions(
    blobs
      .command('collect')
      .description(
        'Deletes weights that nothing refers to: of proposals that a finished run did not choose, of uploads that nothing used',
      ),
    ['lutra blobs collect --dry-run', 'lutra blobs collect --grace 1h'],
  )
    .option('--grace <time>', 'what was used within this time stays (default: 24h)', durationValue)
    .option('--dry-run', 'only say what would go')
    .action((options: CollectOptions) => host.run(options, (context) => collect(context, options)));
}

async function collect({ client, output }: CommandContext, options: CollectOptions): Promise<ExitCode> {
  const { grace, dryRun = false } = options;
  const collection = await client.post<BlobCollection>('/blobs/collect', {
    dryRun,
    ...(grace === undefined ? {} : { graceMs: grace }),
  });
  const { deleted, freedBytes, kept, keptBytes } = collection;
  const verb = dryRun ? 'would go' : 'deleted';
  output.result(
    collection,
    () => `${deleted} ${verb} (${compactBytes(freedBytes)}), ${kept} kept (${compactBytes(keptBytes)})`,
  );
  return EXIT.ok;
}
