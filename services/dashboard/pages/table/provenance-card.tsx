import { percent } from '../../../../charts/text/figures.js';
import { Card } from '../../parts/card.js';
import type { LoadedTable } from './load-table.js';

/** Where the figures come from: environment, sessions, calibration. */
export function ProvenanceCard({
  table,
  other,
}: {
  readonly table: LoadedTable;
  readonly other: LoadedTable | null;
}) {
  return (
    <Card title="Where it comes from">
      <div class="card-body stack">
        <Provenance table={table} />
        {other !== null && (
          <>
            <h3>{other.head.device}</h3>
            <Provenance table={other} />
          </>
        )}
      </div>
    </Card>
  );
}

function Provenance({ table }: { readonly table: LoadedTable }) {
  const { environment, environmentHash, entryCount, calibration, provenance } = table.head;
  return (
    <dl class="plain">
      <dt>Entries</dt>
      <dd>{entryCount.toLocaleString()}</dd>
      <dt>Sessions</dt>
      <dd>
        {provenance.sessions}
        {provenance.lastSessionAt !== null &&
          `, the last on ${new Date(provenance.lastSessionAt).toLocaleString()}`}
      </dd>
      <dt>Calibration</dt>
      <dd>
        {calibration.kind === 'none'
          ? 'none: measure a network whole'
          : `× ${calibration.scale.toFixed(3)} from ${calibration.networks} network${calibration.networks === 1 ? '' : 's'}`}
        {calibration.relativeSpread !== null && `, spread ${percent(calibration.relativeSpread, 1)}`}
      </dd>
      {environment !== null && (
        <>
          <dt>Processor</dt>
          <dd>{environment.cpuModel || 'unknown to a browser'}</dd>
          <dt>Runtime</dt>
          <dd>
            {environment.runtime} {environment.runtimeVersion}, {environment.threads} thread
            {environment.threads === 1 ? '' : 's'}, {environment.dtype}
          </dd>
          <dt>System</dt>
          <dd>
            {environment.os} {environment.arch}
            {environment.pinned ? ', pinned to a core' : ''}
          </dd>
          <dt>Channel step</dt>
          <dd>{environment.channelStep}</dd>
          {Object.entries(environment.flags).map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
          <dt>Environment</dt>
          <dd>
            <code>{environmentHash?.slice(0, 12)}</code>
          </dd>
        </>
      )}
    </dl>
  );
}
