import type { Command } from 'commander';
import type { MeasuredSessionView, SessionSamplesView } from '../../contracts/http/measured-session.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { samplesText, sessionText } from '../views/session-text.js';

interface SamplesOptions extends CommonOptions {
  readonly graph?: string;
}

export function sessionsCommand(program: Command, host: CommandHost): void {
  const sessions = program
    .command('sessions')
    .summary('how a measurement was taken, and its raw samples')
    .enablePositionalOptions();
  sessions.description(
    'Measuring sessions: what a verdict rests on. A measure job’s result names its session.',
  );
  withCommonOptions(
    sessions
      .command('show')
      .description('Verdict, checks and figures of a session')
      .argument('<session>', 'its number'),
    [
      'lutra sessions show 12',
      'lutra sessions show 12 --json | jq ".checks[] | select(.state != \\"pass\\")"',
    ],
  ).action((id: string, options: CommonOptions) =>
    host.run(options, async ({ client, output }) => {
      const session = await client.get<MeasuredSessionView>(`/sessions/${encodeURIComponent(id)}`);
      output.result(session, () => sessionText(session));
      return EXIT.ok;
    }),
  );
  withCommonOptions(
    sessions
      .command('samples')
      .description('Raw samples by graph, with the class of each visit')
      .argument('<session>', 'its number')
      .option('--graph <id>', 'only this graph'),
    ['lutra sessions samples 12 --graph "base:24x24x16"', 'lutra sessions samples 12 --json > samples.json'],
  ).action((id: string, options: SamplesOptions) =>
    host.run(options, async ({ client, output }) => {
      const query = options.graph === undefined ? '' : `?graph=${encodeURIComponent(options.graph)}`;
      const path = `/sessions/${encodeURIComponent(id)}/samples${query}`;
      const samples = await client.get<SessionSamplesView>(path);
      output.result(samples, () => samplesText(samples));
      return EXIT.ok;
    }),
  );
}
