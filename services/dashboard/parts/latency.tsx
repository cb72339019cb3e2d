import { type LatencyUnit, latencyUnit } from '../../../charts/text/latency-unit.js';

/** A latency with its 95 % interval; never a bare zero. */
export function Latency(props: {
  readonly latencyMs: number | null;
  readonly interval?: { readonly lowMs: number; readonly highMs: number } | null;
  readonly unit?: LatencyUnit;
}) {
  const { latencyMs, interval } = props;
  if (latencyMs === null) return <span class="muted">–</span>;
  const unit = props.unit ?? latencyUnit(latencyMs);
  return (
    <span class="figure">
      {unit.format(latencyMs)}
      {interval != null && (
        <small>
          {' '}
          {unit.figure(interval.lowMs)} – {unit.figure(interval.highMs)}
        </small>
      )}
    </span>
  );
}
