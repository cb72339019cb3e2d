import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { MeasureResult } from '../../../../contracts/job.js';
import { Badge, VerdictBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { OpKey } from '../../parts/op-key.js';
import { TableFrame } from '../../parts/table-frame.js';

/** What every op took, those measured now and those that the table knew. */
export function OpsCard({ result }: { readonly result: MeasureResult }) {
  const slowestMs = Math.max(0, ...result.ops.map(({ latencyMs }) => latencyMs ?? 0));
  const unit = latencyUnit(slowestMs);
  return (
    <Card title="Ops" aside={`${result.ops.length}, each once, ${unit.name}`}>
      {result.ops.length === 0 && <Empty title="No ops">The job measured whole networks only.</Empty>}
      <TableFrame label="Ops of the job">
        <table class="keyed">
          <thead>
            <tr>
              <th>Op</th>
              <td />
              <th class="number">{unit.name}</th>
              <th class="number">95 % interval</th>
              <th>From</th>
            </tr>
          </thead>
          <tbody>
            {result.ops.map((op) => (
              <tr key={op.key}>
                <th scope="row">
                  <OpKey opKey={op.key} />
                </th>
                <td class="bar-cell" aria-hidden="true">
                  {op.latencyMs !== null && slowestMs > 0 && (
                    <i style={{ width: `${((100 * op.latencyMs) / slowestMs).toFixed(1)}%` }} />
                  )}
                </td>
                <td class="number">{op.latencyMs === null ? '–' : unit.figure(op.latencyMs)}</td>
                <td class="number soft">
                  {op.interval === null
                    ? ''
                    : `${unit.figure(op.interval.lowMs)} – ${unit.figure(op.interval.highMs)}`}
                </td>
                <td class="nowrap">
                  {op.failure !== null ? (
                    <span title={op.failure.message}>
                      <Badge tone="bad">{op.failure.kind}</Badge>
                    </span>
                  ) : op.source === 'table' ? (
                    <span class="muted">table</span>
                  ) : op.verdict !== null ? (
                    op.verdict === 'trusted' ? (
                      <span class="soft">trusted</span>
                    ) : (
                      <VerdictBadge verdict={op.verdict} />
                    )
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Card>
  );
}
