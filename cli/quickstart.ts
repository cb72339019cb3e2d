import { join, relative, resolve } from 'node:path';
import { duration } from '../charts/text/figures.js';
import type { AdaptationView } from '../contracts/adaptation.js';
import type { AdaptationAccepted, AdaptationList } from '../contracts/http/adaptations.js';
import type { JobView } from '../contracts/http/job-view.js';
import { CliError, interrupted } from './cli-error.js';
import type { CommandContext } from './context.js';
import { downloadNetwork } from './download-network.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { adaptationExitCode, adaptationPath, followAdaptation } from './follow-adaptation.js';
import { followJob } from './follow-job.js';
import { ApiClient } from './http/api-client.js';
import { datasetInput } from './input/dataset-input.js';
import { submitMeasure } from './measuring/submit-measure.js';
import { LocalServer } from './quickstart/local-server.js';
import { QUICKSTART_PLAN } from './quickstart-plan.js';
import { collectReport } from './report/collect-report.js';
import { type ReportFiles, writeReport } from './report/write-report.js';
import { adaptationText } from './views/adaptation-text.js';
import { jobText } from './views/job-text.js';

export interface QuickstartSettings {
  readonly dataDirectory: string;
  readonly dataset: string;
  readonly reportDirectory: string;
  /** Whether NetAdapt driven by MACs is run for comparison. */
  readonly macsBaseline: boolean;
  /** More options for its service, e.g. another runtime. */
  readonly serveArguments: readonly string[];
}

/** The whole chain on this machine: serve, measure the seed, adapt it, verify, report. */
export async function quickstart(outer: CommandContext, settings: QuickstartSettings): Promise<ExitCode> {
  const startedAtMs = performance.now();
  const { output, signal } = outer;
  output.note(`Data in ${shown(settings.dataDirectory)}`);
  outer.progress.update({ phase: 'Starting the service', done: 0, total: 0 });
  const server = await LocalServer.start({
    dataDirectory: settings.dataDirectory,
    args: settings.serveArguments,
    signal,
  });
  try {
    await server.ready(QUICKSTART_PLAN.device, signal);
    const context = { ...outer, client: new ApiClient({ url: server.url, token: undefined }, signal) };
    outer.progress.finish();
    output.note(`Serving at ${server.url} (docs at ${server.url}/docs)\n`);
    const seedJob = await measureSeed(context);
    const { adaptation, takenUp } = await adapt(context, settings);
    const wallMs = performance.now() - startedAtMs;
    return await conclude(context, settings, { seedJob, adaptation, takenUp, wallMs });
  } catch (error) {
    if (signal.aborted) throw interrupted(resumeHint(settings));
    throw error;
  } finally {
    outer.progress.finish();
    if (signal.aborted) output.note('Stopping …');
    await server.stop();
  }
}

/**
 * Through the public API, before anything is trained: latency is a matter of shapes, not of weights. A figure that an
 * earlier command has got is taken; what was cancelled, or failed, is measured again.
 */
async function measureSeed(context: CommandContext): Promise<JobView> {
  const { device, candidate } = QUICKSTART_PLAN;
  const { id } = await submitMeasure(context, { device, candidate }, 'quickstart-seed');
  const finished = await followJob(context, id);
  if (!context.output.json) context.output.result(null, () => `${jobText(finished)}\n`);
  if (finished.outcome !== 'ok') {
    throw new CliError(`the seed could not be measured: ${finished.outcome}, ${finished.message ?? ''}`, {
      exitCode: EXIT.failed,
    });
  }
  return finished;
}

/** Starts the adaptation, or takes up the one that this data folder holds. */
async function adapt(
  context: CommandContext,
  settings: QuickstartSettings,
): Promise<{ readonly adaptation: AdaptationView; readonly takenUp: boolean }> {
  const { client, output } = context;
  const { adaptations } = await client.get<AdaptationList>('/adaptations', { limit: 1 });
  const earlier = adaptations[0];
  if (earlier === undefined) {
    const { adaptation } = await client.post<AdaptationAccepted>('/adaptations', {
      ...QUICKSTART_PLAN,
      macsBaseline: settings.macsBaseline,
      dataset: datasetInput(settings.dataset),
    });
    output.note(
      `Adaptation ${adaptation.id}: to ${QUICKSTART_PLAN.budget.ratio * 100} % of the seed’s latency`,
    );
    return {
      adaptation: await followAdaptation(context, adaptation.id, resumeHint(settings)),
      takenUp: false,
    };
  }
  output.note(`Taking up adaptation ${earlier.id} (${earlier.status})`);
  if (earlier.status === 'failed' || earlier.status === 'cancelled') {
    await client.post<AdaptationAccepted>(`${adaptationPath(earlier.id)}/resume`);
  }
  return { adaptation: await followAdaptation(context, earlier.id, resumeHint(settings)), takenUp: true };
}

interface Outcome {
  readonly seedJob: JobView;
  readonly adaptation: AdaptationView;
  /** Begun by an earlier command: how long it all took is not this one's to say. */
  readonly takenUp: boolean;
  readonly wallMs: number;
}

async function conclude(
  context: CommandContext,
  settings: QuickstartSettings,
  { seedJob, adaptation, takenUp, wallMs }: Outcome,
): Promise<ExitCode> {
  const { client, output } = context;
  const files = await writeReport(
    settings.reportDirectory,
    await collectReport(client, adaptation, takenUp ? null : wallMs),
  );
  let network: string | null = null;
  if (adaptation.final !== null && adaptation.final.weights !== null) {
    network = join(settings.reportDirectory, 'network.onnx');
    await downloadNetwork(client, adaptation.id, network);
  }
  const { dataDirectory } = settings;
  const document = { wallMs, dataDirectory, report: files, network, seedMeasurement: seedJob, adaptation };
  output.result(document, () => adaptationText(adaptation));
  output.note(closingWords(settings, files, network, wallMs));
  return adaptationExitCode(adaptation);
}

function closingWords(
  settings: QuickstartSettings,
  files: ReportFiles,
  network: string | null,
  wallMs: number,
): string {
  return [
    `\nDone in ${duration(wallMs)}.`,
    `  report    ${shown(files.page)}   (open it in a browser; the same for machines: ${shown(files.document)})`,
    ...(network === null ? [] : [`  network   ${shown(network)}   (ONNX, with its weights)`]),
    `  explore   npx lutra serve --data ${shown(settings.dataDirectory)}`,
    '            then, elsewhere: npx lutra table · npx lutra estimate mobilenet-v3-tiny --width 1,2 · npx lutra adapt list',
  ].join('\n');
}

function resumeHint({ dataDirectory }: QuickstartSettings): string {
  return `nothing is lost: npm run quickstart -- --data ${shown(dataDirectory)}   takes it up where it was`;
}

/** As a reader in this folder would type it. */
function shown(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === '' ? '.' : short.startsWith('..') ? resolve(path) : short;
}
