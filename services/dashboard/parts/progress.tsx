/** How far something is; without a total, how much is unknown and nothing is claimed. */
export function Progress(props: { readonly done: number; readonly total: number; readonly label: string }) {
  const share = props.total > 0 ? Math.min(1, props.done / props.total) : 0;
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <div style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </div>
  );
}
