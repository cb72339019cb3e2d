import { percent } from '../../charts/text/figures.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';
import type { DeviceView } from '../../contracts/http/device-view.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';
import { fidelityLine } from './fidelity-text.js';

export function deviceTable(devices: readonly DeviceView[]): string {
  if (devices.length === 0) return 'No devices. lutra serve registers this machine as "local".';
  return terminalTable(
    [
      { title: 'device' },
      { title: 'runtime' },
      { title: 'type' },
      { title: 'threads', numeric: true },
      { title: 'state' },
      { title: 'waiting', numeric: true },
      { title: 'noise floor', numeric: true },
      { title: 'worker last seen' },
    ],
    devices.map((device) => [
      device.name,
      device.runtime,
      device.dtype,
      String(device.threads),
      device.state,
      String(device.queue.waiting),
      device.health.noise === null ? '–' : percent(device.health.noise, 1),
      device.lastSeenAtMs === null ? 'never' : compactTime(device.lastSeenAtMs),
    ]),
  );
}

export function deviceText(device: DeviceView): string {
  const { environment, health, queue } = device;
  const lines = [
    `${device.name}  ${device.runtime}, ${device.dtype}, ${device.threads === 1 ? 'one thread' : `${device.threads} threads`}, ${device.state}`,
    `  queue        ${queue.waiting} waiting, ${queue.leased} under way`,
    `  worker       ${device.lastSeenAtMs === null ? 'never seen' : `last seen ${compactTime(device.lastSeenAtMs)}`}`,
  ];
  if (device.quarantine !== null)
    lines.push(`  quarantine   ${device.quarantine}; ends with: lutra devices resume ${device.name}`);
  if (device.labels.length > 0) lines.push(`  labels       ${device.labels.join(', ')}`);
  if (environment !== null) {
    lines.push(
      `  processor    ${environment.cpuModel} (${environment.arch}; ${environment.isa.join(' ') || 'no vector extensions reported'})`,
      `  runtime      ${environment.runtime} ${environment.runtimeVersion}, ${environment.pinned ? (environment.threads === 1 ? 'pinned to a core' : `pinned to ${environment.threads} cores`) : 'not pinned'}`,
      `  channel step ${environment.channelStep}`,
    );
  }
  lines.push(`  noise floor  ${noiseWords(health)}`);
  const { steady, cold } = device.fidelity;
  for (const report of [steady, cold])
    if (report !== null) lines.push(`  estimates    ${fidelityLine(report)}`);
  const tables = [
    ...(health.noiseChecks.length === 0 ? [] : [noiseTable(health.noiseChecks)]),
    ...(health.anchors.length === 0 ? [] : [anchorTable(health.anchors)]),
  ];
  return [lines.join('\n'), ...tables].join('\n\n');
}

function noiseWords({ noise, noiseChecks }: DeviceView['health']): string {
  if (noise === null) return 'unknown, fewer than three sessions';
  const from =
    noiseChecks.length === 0
      ? 'from the spread of the anchors; lutra devices check measures it'
      : `from ${noiseChecks.length === 1 ? 'one noise check' : `${noiseChecks.length} noise checks`}`;
  return `${percent(noise, 1)}: figures closer than that are the same (${from})`;
}

function noiseTable(checks: DeviceView['health']['noiseChecks']): string {
  return terminalTable(
    [
      { title: 'noise check of sessions' },
      { title: 'floor', numeric: true },
      { title: 'networks', numeric: true },
      { title: 'furthest apart', numeric: true },
      { title: 'measured' },
    ],
    checks.map(({ sessionIds, floor, networks, measuredAtMs }) => [
      sessionIds.join(' and '),
      percent(floor, 1),
      String(networks.length),
      percent(Math.max(...networks.map(({ firstMs, secondMs }) => Math.abs(secondMs / firstMs - 1))), 1),
      compactTime(measuredAtMs),
    ]),
  );
}

function anchorTable(anchors: DeviceView['health']['anchors']): string {
  const unit = latencyUnit(Math.max(...anchors.map((anchor) => anchor.latencyMs ?? 0)));
  return terminalTable(
    [
      { title: 'session', numeric: true },
      { title: `anchor ${unit.name}`, numeric: true },
      { title: 'of baseline', numeric: true },
      { title: 'verdict' },
      { title: 'measured' },
    ],
    anchors
      .slice(0, 20)
      .map((anchor) => [
        String(anchor.sessionId),
        anchor.latencyMs === null ? '–' : unit.figure(anchor.latencyMs),
        percent(1 / anchor.anchorFactor, 1),
        anchor.verdict,
        compactTime(anchor.measuredAtMs),
      ]),
  );
}
