import { element, escapeMarkup } from '../../../charts/markup.js';
import { shownEvaluation } from '../../../charts/result-rows.js';
import { change, compactCount, duration, percent, points } from '../../../charts/text/figures.js';
import { candidateName } from '../../text/candidate-name.js';
import { deviceNames, quantisedWords, type ReportContext } from '../report-context.js';

/** What happened, in one sentence and four figures. */
export function headline({ data, unit, rows }: ReportContext): string {
  const { adaptation } = data;
  const seed = rows.find((row) => row.role === 'seed')?.network ?? null;
  const final = adaptation.final;
  const overline = element(
    'p',
    { class: 'overline' },
    '<b>Lutra</b> · ',
    escapeMarkup(`adaptation report · ${utcDate(data.generatedAtMs)} · on ${deviceNames(data)}`),
  );
  return element(
    'header',
    {},
    overline,
    element('h1', {}, escapeMarkup(title(data, seed, final, unit.format))),
    element('p', { class: 'standfirst' }, standfirst(data)),
    seed === null || final === null ? '' : facts({ data, unit, rows }, seed, final),
  );
}

type Network = NonNullable<ReportContext['data']['adaptation']['final']>;

function title(
  data: ReportContext['data'],
  seed: Network | null,
  final: Network | null,
  format: (latencyMs: number) => string,
): string {
  const name = candidateName(data.adaptation.request.candidate);
  if (seed === null || seed.latencyMs === null) return `${name}: not measured yet`;
  if (final === null || final.latencyMs === null) return `${name} takes ${format(seed.latencyMs)}`;
  const accuracy = shownEvaluation(final);
  const before = quantisedWords(data) === null ? '' : ' before quantisation';
  const at = accuracy === null ? '' : ` at ${percent(accuracy.accuracy)} accuracy${before}`;
  return `${name} went from ${format(seed.latencyMs)} to ${format(final.latencyMs)}${at}`;
}

function standfirst(data: ReportContext['data']): string {
  const { adaptation } = data;
  if (adaptation.status !== 'finished') {
    const cause = adaptation.error === null ? '' : `: ${adaptation.error.message}`;
    return escapeMarkup(
      `The run is not finished: ${adaptation.status} in phase ${adaptation.phase}${cause}.`,
    );
  }
  const met = adaptation.budgetMet === true;
  const verdict = element(
    'span',
    { class: met ? 'status met' : 'status missed' },
    met ? 'budget met' : 'budget not met',
  );
  const basis = met
    ? 'The whole measured interval lies at or under the budget.'
    : 'The measured interval reaches beyond the budget.';
  const wall = data.wallMs === null ? '' : ` The run took ${duration(data.wallMs)}.`;
  return `${verdict} ${escapeMarkup(basis + wall)}`;
}

function facts({ data, unit }: ReportContext, seed: Network, final: Network): string {
  const before = shownEvaluation(seed);
  const after = shownEvaluation(final);
  const budgetMs = data.adaptation.budgetMs;
  const entries: (readonly [term: string, figure: string, beside: readonly string[]])[] = [];
  if (seed.latencyMs !== null && final.latencyMs !== null) {
    const [figure, suffix] = [unit.figure(final.latencyMs), unit.name];
    entries.push([
      'Latency',
      `${figure} <small>${suffix}</small>`,
      [
        `${change(seed.latencyMs, final.latencyMs)} from ${unit.format(seed.latencyMs)}`,
        ...(budgetMs === null ? [] : [`budget ${unit.format(budgetMs)}`]),
      ],
    ]);
  }
  if (before !== null && after !== null) {
    entries.push([
      'Accuracy',
      `${(after.accuracy * 100).toFixed(2)} <small>%</small>`,
      [
        `${points(after.accuracy - before.accuracy)} points`,
        `from ${percent(before.accuracy)}`,
        ...(quantisedWords(data) === null ? [] : ['before quantisation']),
      ],
    ]);
  }
  entries.push(
    ['MACs', ...countFact(seed.macs, final.macs)],
    ['Parameters', ...countFact(seed.params, final.params)],
  );
  return element(
    'dl',
    { class: 'facts' },
    ...entries.map(([term, figure, beside]) =>
      element(
        'div',
        {},
        element('dt', {}, term),
        element(
          'dd',
          {},
          element('span', { class: 'figure' }, figure),
          ...beside.map((line) => element('span', { class: 'beside' }, escapeMarkup(line))),
        ),
      ),
    ),
  );
}

function countFact(before: number, after: number): readonly [string, readonly string[]] {
  const [figure, suffix] = compactCount(after).split('\u00a0');
  return [
    suffix === undefined ? figure! : `${figure} <small>${suffix}</small>`,
    [`${change(before, after)} from ${compactCount(before)}`],
  ];
}

function utcDate(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
