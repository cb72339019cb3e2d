import { useSignal } from '@preact/signals';
import { type ShownSample, samplesChart } from '../../../../charts/samples-chart.js';
import { percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { MeasuredSessionView, SessionSamplesView } from '../../../../contracts/http/measured-session.js';
import { useResource } from '../../api/resource.js';
import { Badge, type Tone, VerdictBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { Empty } from '../../parts/empty.js';

type Check = MeasuredSessionView['checks'][number];
const TONES: Readonly<Record<Check['state'], Tone>> = {
  pass: 'good',
  warn: 'warn',
  fail: 'bad',
  unobservable: 'plain',
};

/** What the job was about first. */
const ORDER = { network: 0, op: 1, anchor: 2 } as const;

/** The session that a job's figures came from; null while it is read, and for a job that needed none. */
export function useSession(sessionId: number | null): MeasuredSessionView | null {
  return useResource<MeasuredSessionView>(sessionId === null ? null : `/sessions/${sessionId}`).value.data;
}

/** The verdict with each check that it rests on. */
export function ChecksCard({ session }: { readonly session: MeasuredSessionView }) {
  return (
    <Card title={`Verdict of session ${session.id}`} aside={<VerdictBadge verdict={session.verdict} />}>
      <ul class="rows">
        {session.checks.map(({ name, state, detail }) => (
          <li key={name}>
            <div class="row-head">
              <span>{name.replaceAll('-', ' ')}</span>
              <Badge tone={TONES[state]}>{state}</Badge>
            </div>
            <p class="row-note">{detail}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Every timed run of one graph, by what became of its visit. */
export function SamplesCard({ session }: { readonly session: MeasuredSessionView }) {
  const subjects = session.subjects
    .filter(({ latencyMs }) => latencyMs !== null)
    .toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]);
  const chosen = useSignal(0);
  const subject = subjects[chosen.value];
  const graphId = subject?.terms[0]?.graphId;
  const { data } = useResource<SessionSamplesView>(
    graphId === undefined ? null : `/sessions/${session.id}/samples?graph=${encodeURIComponent(graphId)}`,
  ).value;
  if (subject === undefined) {
    return (
      <Card title="Samples">
        <Empty title="Nothing was timed">Every subject failed; the ops say why.</Empty>
      </Card>
    );
  }
  const samples = data?.graphs.flatMap(({ visits }) => shownSamples(visits)) ?? [];
  const classes = [...new Set(samples.map(({ sampleClass }) => sampleClass))];
  const unit = latencyUnit(Math.max(0, ...samples.map(({ latencyMs }) => latencyMs)));
  return (
    <Card title="Samples" aside={`${samples.length} runs`}>
      <div class="card-body stack">
        <label>
          <span>Of</span>
          <select
            value={chosen.value}
            onChange={(event) => {
              chosen.value = Number(event.currentTarget.value);
            }}
          >
            {subjects.map(({ kind, key, networkHash }, index) => (
              <option key={`${kind}${key ?? networkHash}`} value={index}>
                {kind === 'op' ? key : kind === 'anchor' ? 'anchor' : 'the network, whole'}
              </option>
            ))}
          </select>
        </label>
        <Chart
          draw={(size) => samplesChart(samples, subject.kind === 'op' ? null : subject.latencyMs, unit, size)}
          legend={
            <Legend items={classes.map((name) => ({ mark: `sample ${name}`, shape: 'dot', text: name }))} />
          }
        />
        <p class="small soft">
          Each run of the graph that holds it
          {subject.kind === 'op'
            ? ' in context: the op’s own latency is what this graph takes more than its base'
            : ''}
          . The figure is the median over visits of the smallest run of a visit
          {subject.precision === null ? '' : `, known to ${percent(subject.precision, 1)}`}.
        </p>
      </div>
    </Card>
  );
}

function shownSamples(visits: SessionSamplesView['graphs'][number]['visits']): readonly ShownSample[] {
  return visits.flatMap((visit, index) =>
    visit.samplesNs.flatMap((ns) =>
      ns === null ? [] : [{ visit: index, latencyMs: ns / 1e6, sampleClass: visit.class }],
    ),
  );
}
