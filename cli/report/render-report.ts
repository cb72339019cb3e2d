import { element, escapeMarkup } from '../../charts/markup.js';
import type { Report } from '../../contracts/report.js';
import { candidateName } from '../text/candidate-name.js';
import { PAGE_STYLE } from './page-style.js';
import { deviceNames, reportContext } from './report-context.js';
import { budget } from './sections/budget.js';
import { decisions } from './sections/decisions.js';
import { estimates } from './sections/estimates.js';
import { headline } from './sections/headline.js';
import { method } from './sections/method.js';
import { opShares } from './sections/op-shares.js';
import { path } from './sections/path.js';
import { results } from './sections/results.js';
import { widths } from './sections/widths.js';

/** One self-contained page: no script, no font, no request leaves it. */
export function renderReport(data: Report): string {
  const context = reportContext(data);
  const sections = [headline, results, budget, path, widths, estimates, opShares, decisions, method];
  const network = candidateName(data.adaptation.request.candidate);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeMarkup(`${network} on ${deviceNames(data)} – Lutra`)}</title>
<style>
${PAGE_STYLE}</style>
</head>
<body>
${element('main', {}, '\n', sections.map((render) => render(context)).join('\n'), '\n')}
${element('footer', {}, escapeMarkup(`Made by Lutra ${data.lutraVersion}. The same figures for machines: report.json, beside this page.`))}
</body>
</html>
`;
}
