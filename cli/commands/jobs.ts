import type { Command } from 'commander';
import type { JobList, JobView } from '../../contracts/http/job-view.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob, jobExitCode, jobPath } from '../follow-job.js';
import { integerValue } from '../input/option-values.js';
import { jobTable, jobText } from '../views/job-text.js';

interface ListOptions extends CommonOptions {
  readonly status?: string;
  readonly outcome?: string;
  readonly kind?: string;
  readonly device?: string;
  readonly adaptation?: string;
  readonly limit: number;
  readonly before?: string;
}

export function jobsCommand(program: Command, host: CommandHost): void {
  const jobs = program
    .command('jobs')
    .summary('list, show, follow and cancel jobs')
    .enablePositionalOptions();
  jobs.description('Jobs of measuring and training, the newest first. Without a subcommand: the list.');
  const list = jobs
    .command('list', { isDefault: true })
    .description('The newest jobs')
    .option('--status <status>', 'queued, leased, running or finished')
    .option('--outcome <outcome>', 'ok, timeout, crashed, cancelled, …')
    .option('--kind <kind>', 'measure or train')
    .option('-d, --device <name>', 'only of this device')
    .option('--adaptation <id>', 'only of this adaptation')
    .option('--limit <count>', 'at most so many', integerValue, 20)
    .option('--before <job>', 'older than this job');
  withCommonOptions(list, ['lutra jobs', 'lutra jobs list --status finished --outcome timeout']).action(
    (options: ListOptions) => host.run(options, (context) => listJobs(context, options)),
  );
  const one = (
    name: string,
    description: string,
    work: (context: CommandContext, id: string) => Promise<ExitCode>,
  ) =>
    withCommonOptions(jobs.command(name).description(description).argument('<job>', 'its id'), [
      `lutra jobs ${name} job_01k…`,
    ]).action((id: string, options: CommonOptions) => host.run(options, (context) => work(context, id)));
  one('show', 'A job, and its result once it is finished', showJob);
  one('follow', 'A job’s progress until it is finished', watchJob);
  one('cancel', 'Ends a job that is not finished', cancelJob);
}

async function listJobs({ client, output }: CommandContext, options: ListOptions): Promise<ExitCode> {
  const { status, outcome, kind, device, adaptation, limit, before } = options;
  const query = { status, outcome, kind, device, adaptation, limit, before };
  const page = await client.get<JobList>('/jobs', query);
  output.result(page, () => {
    const more = page.next === null ? '' : `\n\nOlder ones: --before ${page.next}`;
    return jobTable(page.jobs) + more;
  });
  return EXIT.ok;
}

async function showJob({ client, output }: CommandContext, id: string): Promise<ExitCode> {
  const job = await client.get<JobView>(jobPath(id));
  output.result(job, () => jobText(job));
  return jobExitCode(job);
}

async function watchJob(context: CommandContext, id: string): Promise<ExitCode> {
  const job = await followJob(context, id);
  context.output.result(job, () => jobText(job));
  return jobExitCode(job);
}

async function cancelJob({ client, output }: CommandContext, id: string): Promise<ExitCode> {
  const job = await client.delete<JobView>(jobPath(id));
  output.result(job, () => jobText(job));
  return EXIT.ok;
}
