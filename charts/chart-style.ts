const FONT =
  'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,"DejaVu Sans",sans-serif';

/** Colours by meaning, not by name: the page and a chart on its own share them. */
const LIGHT =
  '--paper:#fdfdfc;--ink:#1d2430;--soft:#465063;--muted:#667085;--rule:#e4e6ea;--grid:#eceef1;--track:#dfe3e9;' +
  '--accent:#0c7c70;--accent-text:#0a6b61;--accent-wash:#d9f0ec;--warn:#c2541b;--warn-text:#9c3f10;--warn-wash:#fbe6da;' +
  '--proposal:#8b95a5;--seed:#333d4d;--rival:#b0562f;--fair-rival:#6a56c2;--macs-rival:#2f6fb0;' +
  '--pointwise:#0c7c70;--convolution:#3a7fc1;--depthwise:#d39a2d;--squeeze-excite:#8a6fc9;--dense:#c4607a;--pooling:#6b9e3f;--other:#8b95a5;';
const DARK =
  '--paper:#11151b;--ink:#e7eaef;--soft:#b4bcc9;--muted:#8d97a8;--rule:#272e39;--grid:#1f252f;--track:#2c3441;' +
  '--accent:#3fbfae;--accent-text:#5ccfbf;--accent-wash:#12352f;--warn:#ec8a55;--warn-text:#f2a47a;--warn-wash:#3d2416;' +
  '--proposal:#768193;--seed:#d5dae2;--rival:#e08a62;--fair-rival:#a594f0;--macs-rival:#6fb0ea;' +
  '--pointwise:#3fbfae;--convolution:#6aa9e4;--depthwise:#e2b455;--squeeze-excite:#ac95e8;--dense:#e38aa0;--pooling:#95c56a;--other:#768193;';

const FAMILIES = ['pointwise', 'convolution', 'depthwise', 'squeeze-excite', 'dense', 'pooling', 'other'];

/** Style of the charts, alone sufficient to show one outside the page. */
export const CHART_STYLE = `:root{color-scheme:light dark;--font:${FONT};${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
.chart text{font:13px var(--font);fill:var(--ink);font-variant-numeric:tabular-nums}
.chart .tick{font-size:12.5px;fill:var(--muted)}
.chart .axis-title{font-size:12.5px;fill:var(--soft)}
.chart .grid{stroke:var(--grid)}
.chart .axis{stroke:var(--muted);stroke-opacity:.55}
.chart .budget{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:5 4}
.chart .budget-label{font-size:12.5px;fill:var(--warn-text);font-weight:600}
.chart .within-budget{fill:var(--accent);fill-opacity:.05}
.chart .proposal{fill:var(--proposal);fill-opacity:.5}
.chart .proposal-below{fill:var(--proposal);fill-opacity:.6}
.chart .path{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.chart .chosen circle{fill:var(--accent);stroke:var(--paper);stroke-width:1.5}
.chart .training-link{stroke:var(--muted);stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:1.5}
.chart .final path{stroke:var(--paper);stroke-width:1.5}
.chart .whisker{stroke-width:2;stroke-linecap:round}
.chart .final-label{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
${role('seed', '--seed')}${role('adapted', '--accent')}${role('rival', '--rival')}${role('fair-rival', '--fair-rival')}${role('macs-rival', '--macs-rival')}
.chart .final-label.adapted{fill:var(--accent-text)}
.chart .row-label{font-size:13.5px}
.chart .row-figure{font-size:13.5px;fill:var(--ink)}
.chart .row-remark{font-size:13px;fill:var(--muted)}
.chart .width-before{fill:var(--track)}
.chart .width-after{fill:var(--accent)}
.chart .kept .width-after{fill:var(--proposal);fill-opacity:.75}
.chart .kept .row-label,.chart .kept .row-figure{fill:var(--muted)}
.chart .band{fill:var(--accent);fill-opacity:.1}
.chart .band-label{font-size:12.5px;fill:var(--accent-text)}
.chart .deviation circle{fill:var(--accent)}
.chart .deviation .whisker{stroke:var(--accent);stroke-opacity:.45}
.chart .outside circle{fill:var(--warn)}
.chart .outside .whisker{stroke:var(--warn)}
.chart .heat rect{fill:var(--accent)}
.chart .heat text{font-size:12px;fill:var(--ink)}
.chart .hot text{fill:var(--paper)}
.chart .step{fill:none;stroke-width:1.5;stroke-opacity:.5}
.chart .series-0{--series:var(--accent)}
.chart .series-1{--series:var(--fair-rival)}
.chart .series-2{--series:var(--depthwise)}
.chart .series-3{--series:var(--rival)}
.chart .stairs .step,.chart .stairs .whisker{stroke:var(--series)}
.chart .stairs .whisker{stroke-opacity:.45}
.chart .stairs circle,.chart .stairs g path{fill:var(--series);stroke:var(--series);stroke-width:1.5}
.chart .stairs .snapped path,.chart .stairs .interpolated circle{fill:var(--paper)}
.chart .snapped rect,.chart .interpolated circle{fill:var(--paper);stroke:var(--accent);stroke-width:1.5}
.chart .stairs.measured circle{fill:var(--accent)}
.chart .noise{fill:var(--accent);fill-opacity:.16}
.chart .calibrated circle{fill:var(--paper);stroke:var(--accent);stroke-width:1.5}
.chart .macs-point{fill:var(--series);fill-opacity:.5}
.chart .chosen-point{fill-opacity:1;stroke:var(--ink);stroke-width:2}
.chart .visit{fill:var(--grid);fill-opacity:.6}
.chart .result{stroke:var(--ink);stroke-opacity:.55;stroke-dasharray:4 3}
.chart .sample{fill:var(--proposal)}
.chart .sample.counted{fill:var(--accent)}
.chart .sample.waited,.chart .sample.stopped,.chart .sample.disturbed{fill:var(--warn)}
.chart .sample.faulted{fill:var(--convolution)}
.chart .anchor{fill:var(--accent)}
.chart .anchor.usable{fill:var(--paper);stroke:var(--accent);stroke-width:2}
.chart .anchor.rejected{fill:var(--warn)}
.chart .anchor.earlier{fill-opacity:.35;stroke-opacity:.35}
.chart .width-cell .width-after{fill:var(--proposal);fill-opacity:.75}
.chart .cut-mark{fill:var(--accent)}
.chart .width-cell.cut .width-after{fill:var(--accent);fill-opacity:1}
.chart .stem{stroke:var(--track);stroke-width:2}
${FAMILIES.map((family) => `.chart .${family}{fill:var(--${family})}`).join('\n')}
`;

function role(name: string, colour: string): string {
  return (
    `.chart .${name} path,.chart .${name} circle,.chart .final-label.${name}{fill:var(${colour})}` +
    `.chart .${name} .whisker{stroke:var(${colour});stroke-opacity:.6}\n`
  );
}
