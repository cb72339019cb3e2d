import { percent } from '../../../../charts/text/figures.js';
import type { Environment } from '../../../../contracts/environment.js';
import { Card } from '../../parts/card.js';
import { TableFrame } from '../../parts/table-frame.js';
import type { LoadedTable } from './load-table.js';

/** Where the figures come from: environment, sessions, calibration. Beside another table, what differs stands out. */
export function ProvenanceCard({
  table,
  other,
}: {
  readonly table: LoadedTable;
  readonly other: LoadedTable | null;
}) {
  const facts = factsOf(table);
  if (other === null) {
    return (
      <Card title="Where it comes from">
        <dl class="plain card-body">
          {[...facts].map(([name, value]) => [
            <dt key={`${name}-name`}>{name}</dt>,
            <dd key={name}>{value}</dd>,
          ])}
        </dl>
      </Card>
    );
  }
  const others = factsOf(other);
  const names = [...new Set([...facts.keys(), ...others.keys()])];
  return (
    <Card title="Where they come from" aside="what differs in bold">
      <TableFrame label="Where the figures of both tables come from">
        <table class="facts-beside">
          <thead>
            <tr>
              <td />
              <th>{table.name}</th>
              <th>{other.name}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name} class={facts.get(name) === others.get(name) ? '' : 'differs'}>
                <th scope="row">{name}</th>
                <td>{facts.get(name) ?? '–'}</td>
                <td>{others.get(name) ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Card>
  );
}

function factsOf(table: LoadedTable): ReadonlyMap<string, string> {
  const { environment, environmentHash, entryCount, calibration, provenance } = table.head;
  const { sessions, lastSessionAt } = provenance;
  return new Map([
    ['Entries', entryCount.toLocaleString()],
    ['Sessions', String(sessions)],
    ['Last session', lastSessionAt === null ? '–' : new Date(lastSessionAt).toLocaleString()],
    ['Calibration', calibrationWords(calibration)],
    ...(environment === null ? [] : environmentFacts(environment)),
    ['Environment', environmentHash?.slice(0, 12) ?? '–'],
  ]);
}

function calibrationWords({
  kind,
  scale,
  networks,
  relativeSpread,
}: LoadedTable['head']['calibration']): string {
  if (kind === 'none') return 'none: measure a network whole';
  const fitted = `× ${scale.toFixed(3)} from ${networks} network${networks === 1 ? '' : 's'}`;
  return relativeSpread === null ? fitted : `${fitted}, spread ${percent(relativeSpread, 1)}`;
}

function environmentFacts(environment: Environment): [string, string][] {
  const { cpuModel, runtime, runtimeVersion, threads, dtype, os, arch, pinned, channelStep } = environment;
  return [
    ['Processor', cpuModel || 'unknown to a browser'],
    ['Runtime', `${runtime} ${runtimeVersion}`],
    ['Threads', String(threads)],
    ['Element type', dtype],
    ['System', `${os} ${arch}`.trim() || 'unknown to a browser'],
    ['Pinned to a core', pinned ? 'yes' : 'no'],
    ['Channel step', String(channelStep)],
    ...Object.entries(environment.flags).map(([name, value]): [string, string] => [flagName(name), value]),
  ];
}

/** `opFixedNs` → `Op fixed ns`, as the words around it. */
function flagName(name: string): string {
  const spaced = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
