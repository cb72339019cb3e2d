import { element, escapeMarkup } from '../../../charts/markup.js';
import { resourceText } from '../../../charts/text/amount-text.js';
import { compactCount } from '../../../charts/text/figures.js';
import type { AdaptationRequest, AdaptationView } from '../../../contracts/adaptation.js';
import type { Environment } from '../../../contracts/environment.js';
import { candidateName, candidateOptionWords } from '../../text/candidate-name.js';
import { section } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** How the figures came about, and on what machine: without it they mean nothing elsewhere. */
export function method({ data, unit }: ReportContext): string {
  const { adaptation, devices } = data;
  const paragraphs = [
    'Latency is that of the steady state, one inference after the other. It is measured on the device in sessions of one process, pinned to a core where the system allows it. A session visits all its ' +
      'graphs in random order, again and again; a graph’s figure is the median over visits of the fastest run of each visit. Ops are ' +
      'measured between two small convolutions, so that they cost what they cost inside a network.',
    `For every width group NetAdapt looks up the largest width whose estimate meets the iteration’s target, keeps ${importanceWords(adaptation.request)}, ` +
      'fine-tunes briefly and evaluates on a holdout that was set aside before the seed was trained. The chosen network is ' +
      'measured whole, and the next estimates are scaled to that measurement. The run ends when the measured interval lies at or under the budget.',
    `The final network, the seed and the baselines get the same long training${teacherWords(adaptation.request)}, are measured in one session, ` +
      'and are evaluated on the test set once.',
  ];
  return section(
    'method',
    'Method and environment',
    element('div', { class: 'prose' }, ...paragraphs.map((text) => element('p', {}, escapeMarkup(text)))),
    element('h3', {}, 'The run'),
    definitions(runFacts(adaptation, unit.format)),
    ...devices.flatMap(({ name, environment }) => [
      element('h3', {}, escapeMarkup(`Device ${name}`)),
      environment === null
        ? element('p', { class: 'note' }, 'The device has not described its environment yet.')
        : definitions(environmentFacts(environment)),
    ]),
  );
}

/** Requests of earlier versions do not say: their final trainings were taught. */
function teacherWords({ recipes }: AdaptationRequest): string {
  return recipes?.final?.distillation === 0 ? '' : ' with the seed as teacher';
}

function importanceWords({ importance }: AdaptationRequest): string {
  return importance === 'taylor'
    ? 'the filters that the loss needs most to first order (Taylor importance of their batch norm’s scale and shift)'
    : 'the filters with the largest L2 norm';
}

function runFacts(
  { id, request, budgetMs, widthStep }: AdaptationView,
  format: (latencyMs: number) => string,
): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string | undefined])[] = [
    ['adaptation', id],
    ['candidate', candidateWords(request.candidate)],
    ...budgetFacts(request, budgetMs, format),
    ['policy', request.policy],
    ['ranking', request.ranking],
    ['proposals taken at once', atOnceWords(request.maxChosenPerIteration)],
    ['filters', request.importance],
    ['steps', scheduleWords(request)],
    ['widths in steps of', widthStepWords(widthStep ?? request.widthStep)],
    ['data', request.dataset.kind === 'mnist' ? 'MNIST' : 'IDX files of the caller'],
    ['trainer', request.trainer],
    ['random seed', request.randomSeed === undefined ? undefined : String(request.randomSeed)],
    ...recipeFacts(request),
  ];
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
}

function atOnceWords(most: number | undefined): string | undefined {
  if (most === undefined) return undefined;
  return most === 1 ? '1' : `up to ${most}, while far from the budget`;
}

/** Nothing where the run does not say: what its devices show now may be something else. */
function widthStepWords(widthStep: number | null | undefined): string | undefined {
  return widthStep == null ? undefined : `${widthStep} channel${widthStep === 1 ? '' : 's'}`;
}

function budgetFacts(
  { budget, device }: AdaptationRequest,
  budgetMs: number | null,
  format: (latencyMs: number) => string,
): readonly (readonly [string, string])[] {
  const share = (ratio: number) => `${Math.round(ratio * 1000) / 10} % of the seed’s`;
  const own = budget.devices?.[device] ?? budget;
  const words = own.ratio === undefined ? 'given as latency' : `${share(own.ratio)} measured latency`;
  const latency = own.ratio === undefined && own.latencyMs === undefined ? null : words;
  const others = Object.entries(budget.devices ?? {}).filter(([name]) => name !== device);
  const counts = (['macs', 'params', 'peakActivationBytes'] as const).flatMap((kind) => {
    const limit = budget[kind];
    if (limit === undefined) return [];
    const name = resourceText({ kind, device: null });
    return [
      [`budget: ${name}`, typeof limit === 'number' ? compactCount(limit) : share(limit.ratio)] as const,
    ];
  });
  return [
    ...(latency === null
      ? []
      : [['budget', budgetMs === null ? latency : `${format(budgetMs)} (${latency})`] as const]),
    ...others.map(
      ([name, limit]) =>
        [
          `budget: latency on ${name}`,
          limit.latencyMs === undefined ? share(limit.ratio ?? 1) : format(limit.latencyMs),
        ] as const,
    ),
    ...counts,
  ];
}

function candidateWords(candidate: object): string {
  const options = candidateOptionWords(candidate);
  return options === '' ? candidateName(candidate) : `${candidateName(candidate)} (${options})`;
}

function scheduleWords({ initialReduction, reductionDecay }: AdaptationRequest): string | undefined {
  if (initialReduction === undefined) return undefined;
  const decay =
    reductionDecay === undefined || reductionDecay === 1 ? 'constant' : `× ${reductionDecay} each iteration`;
  return `${Math.round(initialReduction * 1000) / 10} % of the seed’s latency, ${decay}`;
}

function recipeFacts(request: AdaptationRequest): readonly (readonly [string, string])[] {
  const recipes = request.recipes ?? {};
  const names = { seed: 'seed training', fineTune: 'fine-tuning', final: 'final training' } as const;
  return (Object.keys(names) as (keyof typeof names)[]).flatMap((name) => {
    const recipe = recipes[name];
    if (recipe === undefined) return [];
    const parts = [
      recipe.steps === undefined ? '' : `${recipe.steps} steps`,
      recipe.batchSize === undefined ? '' : `batch ${recipe.batchSize}`,
      recipe.learningRate === undefined
        ? ''
        : `learning rate ${recipe.learningRate} ${recipe.schedule ?? ''}`.trim(),
      recipe.distillation === undefined || recipe.distillation === 0
        ? ''
        : `distillation ${recipe.distillation}`,
    ];
    return [[names[name], parts.filter((part) => part !== '').join(', ')] as const];
  });
}

function environmentFacts(environment: Environment): readonly (readonly [string, string])[] {
  const flags = Object.entries(environment.flags).map(([name, value]) => `${name}=${value}`);
  return [
    ['processor', `${environment.cpuModel}, ${environment.arch}`],
    ['vector extensions', environment.isa.join(', ') || 'none reported'],
    ['system', environment.os],
    ['runtime', `${environment.runtime} ${environment.runtimeVersion}`],
    ['threads', `${environment.threads}${environment.pinned ? ', pinned to a core' : ', not pinned'}`],
    ['number type', environment.dtype],
    ['channel step', String(environment.channelStep)],
    ...(flags.length === 0 ? [] : [['flags', flags.join(', ')] as const]),
    [
      'library digest',
      environment.libraryDigest === '' ? 'none' : `sha256 ${environment.libraryDigest.slice(0, 16)}…`,
    ],
  ];
}

function definitions(facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(
    ([term, text]) => element('dt', {}, escapeMarkup(term)) + element('dd', {}, escapeMarkup(text)),
  );
  return element('dl', { class: 'plain' }, ...items);
}
