import { CHART_STYLE } from '../../charts/chart-style.js';

/** The whole style sheet of a report: light and dark by the reader's setting, one column, print-friendly. */
export const PAGE_STYLE = `${CHART_STYLE}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--font)}
main,footer{max-width:968px;margin:0 auto;padding:0 24px}
header{padding:56px 0 8px}
.overline{margin:0 0 14px;color:var(--muted);font-size:13px;letter-spacing:.02em}
.overline b{color:var(--accent);font-weight:650;letter-spacing:.06em;text-transform:uppercase}
h1{margin:0;max-width:26em;font-size:30px;line-height:1.25;font-weight:650;letter-spacing:-.015em;text-wrap:balance}
.standfirst{margin:14px 0 0;max-width:44em;color:var(--soft);font-size:17px}
h2{margin:0 0 6px;font-size:20px;line-height:1.3;font-weight:650;letter-spacing:-.01em}
h3{margin:24px 0 4px;font-size:15px;font-weight:650}
section{padding:36px 0;border-top:1px solid var(--rule)}
p{margin:0 0 12px}
.lead{max-width:46em;margin-bottom:16px;color:var(--soft)}
.lead:empty{display:none}
.note{max-width:52em;margin:14px 0 0;color:var(--muted);font-size:14px}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:0;margin:32px 0 40px;padding:0}
.facts>div{padding:2px 20px;border-left:1px solid var(--rule)}
.facts>div:first-child{padding-left:0;border-left:0}
.facts dt{color:var(--muted);font-size:13px}
.facts dd{margin:2px 0 0}
.facts .figure{display:block;font-size:27px;line-height:1.25;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.facts .figure small{font-size:15px;font-weight:500;letter-spacing:0;color:var(--soft)}
.facts .beside{display:block;line-height:1.45;color:var(--soft);font-size:14px}
.status{display:inline-block;padding:1px 9px 2px;border-radius:99px;font-size:13px;font-weight:600}
.status.met{background:var(--accent-wash);color:var(--accent-text)}
.status.missed{background:var(--warn-wash);color:var(--warn-text)}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 14px;padding:0;list-style:none;color:var(--soft);font-size:13.5px}
.legend li{display:flex;align-items:center;gap:7px}
svg.chart{display:block;max-width:100%;height:auto;overflow:visible}
.legend svg.chart{flex:none}
.compact{display:none}
.table-frame{overflow-x:auto;margin:0 -4px;padding:0 4px}
.table-frame:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
table{width:100%;border-collapse:collapse;font-size:14.5px}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:8px 0 8px 20px;border-bottom:1px solid var(--rule);text-align:left;vertical-align:baseline;font-weight:400}
thead th{padding-top:0;color:var(--muted);font-size:13px;white-space:nowrap}
tbody th{font-weight:500;white-space:nowrap}

tbody tr:last-child th,tbody tr:last-child td{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th:first-child{padding-left:0}
tr.adapted th,tr.adapted td,tr.chosen th,tr.chosen td{font-weight:650}
tr.adapted th{color:var(--accent-text)}
details{margin-top:18px;font-size:14.5px}
summary{width:max-content;max-width:100%;padding:2px 0;color:var(--soft);cursor:pointer}
summary::marker{color:var(--muted)}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:10px}
details details{margin:4px 0 0 18px}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
dl.plain{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:16px 0 0;font-size:14.5px}
dl.plain dt{color:var(--muted)}
dl.plain dd{margin:0;overflow-wrap:anywhere}
.prose{max-width:46em}
footer{padding-top:20px;padding-bottom:56px;border-top:1px solid var(--rule);color:var(--muted);font-size:13.5px}
@media (max-width:760px){
main,footer{padding-left:20px;padding-right:20px}
header{padding-top:32px}
h1{font-size:24px}
.standfirst{font-size:16px}
.facts{grid-template-columns:1fr 1fr;gap:22px 0;margin:26px 0 30px}
.facts>div{padding:2px 12px 2px 14px}
.facts>div:nth-child(odd){padding-left:0;border-left:0}
.facts .figure{font-size:22px}
section{padding:28px 0}
.wide{display:none}
.compact{display:block;max-width:420px}
.compact svg.chart{width:100%}
dl.plain{grid-template-columns:1fr;gap:0}
dl.plain dd{margin-bottom:8px}
table.stacked thead{display:none}
table.stacked,table.stacked tbody{display:block}
table.stacked tr{display:grid;grid-template-columns:1fr 1fr;gap:2px 16px;padding:12px 0;border-bottom:1px solid var(--rule)}
table.stacked tr:last-child{border-bottom:0}
table.stacked th,table.stacked td{display:block;padding:0;border:0;text-align:left;white-space:normal}
table.stacked th{grid-column:1/-1;font-size:15.5px}
table.stacked td::before{content:attr(data-label);display:block;color:var(--muted);font-size:12px;font-weight:400}
}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
