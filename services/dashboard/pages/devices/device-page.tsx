import { anchorChart } from '../../../../charts/anchor-chart.js';
import { percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { DeviceView } from '../../../../contracts/http/device-view.js';
import type { QueueView } from '../../../../contracts/http/queue-view.js';
import { sendJson } from '../../api/client.js';
import { useDevice } from '../../api/devices.js';
import { useResource } from '../../api/resource.js';
import { ActionButton } from '../../parts/action-button.js';
import { Badge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { deviceState } from '../../parts/device-state.js';
import { Empty } from '../../parts/empty.js';
import { Failure } from '../../parts/failure.js';
import { LackingPage } from '../../parts/lacking-page.js';
import { PageHead } from '../../parts/page-head.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';
import { QueueCard } from '../overview/queue-card.js';
import { NoiseCard } from './noise-card.js';
import { TablesCard } from './tables-card.js';

/** One device: how steady it is, what it is, what waits for it. */
export function DevicePage({ name }: { readonly name: string }) {
  const { data: device, error } = useDevice(name).value;
  const queue = useResource<QueueView>(
    `/queue?device=${encodeURIComponent(name)}&limit=100`,
    ({ kind }) => kind === 'job',
  ).value;
  if (device === null) return <LackingPage title={name} error={error} />;
  const state = deviceState(device);
  const act = (what: 'drain' | 'resume') => () =>
    sendJson('POST', `/devices/${encodeURIComponent(name)}/${what}`);
  const stopped = device.state === 'draining' || device.quarantine !== null;
  return (
    <>
      <PageHead
        crumb={<a href={href(['devices'])}>Devices</a>}
        title={device.name}
        beside={
          <>
            <Badge tone={state.tone}>{state.name}</Badge>{' '}
            {device.lastSeenAtMs === null ? (
              'no worker has been there yet'
            ) : (
              <>
                last seen <Ago atMs={device.lastSeenAtMs} />
              </>
            )}
          </>
        }
        actions={
          <>
            <a class="button" href={href(['table'], { device: name })}>
              Latency table
            </a>
            {stopped ? (
              <ActionButton primary act={act('resume')}>
                Resume
              </ActionButton>
            ) : (
              <ActionButton act={act('drain')}>Drain</ActionButton>
            )}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      {device.quarantine !== null && (
        <p class="notice bad" role="status">
          It gets no work until it is resumed: {device.quarantine}
        </p>
      )}
      <div class="stack">
        <AnchorCard device={device} />
        <div class="columns">
          <div class="stack">
            <QueueCard waiting={queue.data?.waiting ?? null} />
            <NoiseCard device={device} />
            <TablesCard device={device} />
          </div>
          <EnvironmentCard device={device} />
        </div>
      </div>
    </>
  );
}

function AnchorCard({ device }: { readonly device: DeviceView }) {
  const { anchors, baselineMs, noise, verdicts } = device.health;
  const points = anchors.toReversed().flatMap(({ latencyMs, verdict, current, sessionId, measuredAtMs }) =>
    latencyMs === null
      ? []
      : [
          {
            latencyMs,
            verdict,
            current,
            title: `session ${sessionId}: ${latencyUnit(latencyMs).format(latencyMs)}, ${verdict}\n${new Date(measuredAtMs).toLocaleString()}`,
          },
        ],
  );
  const unit = latencyUnit(Math.max(0, ...points.map(({ latencyMs }) => latencyMs)));
  return (
    <Card
      title="Anchor"
      aside={
        noise === null
          ? 'the same small network in every session'
          : `A/A noise ±${percent(noise, 1)}; ${verdicts.trusted} trusted, ${verdicts.usable} usable, ${verdicts.rejected} rejected`
      }
    >
      {points.length === 0 ? (
        <Empty title="No session yet">
          Every session measures a fixed network too, so that all differences between sessions are the
          device’s.
        </Empty>
      ) : (
        <div class="card-body">
          <Chart
            draw={(size) => anchorChart(points, baselineMs, noise, unit, size)}
            legend={
              <Legend
                items={[
                  { mark: 'anchor trusted', shape: 'dot', text: 'trusted' },
                  { mark: 'anchor usable', shape: 'dot', text: 'usable' },
                  { mark: 'anchor rejected', shape: 'dot', text: 'rejected' },
                  { mark: 'result', shape: 'line', text: 'baseline' },
                  ...(noise === null ? [] : [{ mark: 'band', shape: 'square' as const, text: 'A/A noise' }]),
                ]}
              />
            }
          />
        </div>
      )}
    </Card>
  );
}

function EnvironmentCard({ device }: { readonly device: DeviceView }) {
  const { environment } = device;
  return (
    <Card title="Environment">
      {environment === null ? (
        <Empty title="Not described yet">A worker describes the device when it starts.</Empty>
      ) : (
        <dl class="plain card-body">
          <dt>Runtime</dt>
          <dd>
            {environment.runtime} {environment.runtimeVersion}
          </dd>
          <dt>Threads</dt>
          <dd>{environment.threads}</dd>
          <dt>Element type</dt>
          <dd>{environment.dtype}</dd>
          {environment.cpuModel !== '' && (
            <>
              <dt>Processor</dt>
              <dd>{environment.cpuModel}</dd>
            </>
          )}
          {environment.isa.length > 0 && (
            <>
              <dt>Extensions</dt>
              <dd>{environment.isa.join(', ')}</dd>
            </>
          )}
          <dt>System</dt>
          <dd>
            {environment.os} {environment.arch}
          </dd>
          <dt>Channel step</dt>
          <dd>{environment.channelStep}</dd>
          {Object.entries(environment.flags).map(([flag, value]) => [
            <dt key={`${flag}-name`}>{flag}</dt>,
            <dd key={flag}>{value}</dd>,
          ])}
          <dt>Hash</dt>
          <dd>
            <code>{device.environmentHash?.slice(0, 16)}</code>
          </dd>
        </dl>
      )}
    </Card>
  );
}
