import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { REACHABLE } from './reachable.js';

const ROW_PIXELS = 33;
const HEIGHT_PIXELS = 560;
const SPARE_ROWS = 12;

/** A long table of which only what is in sight is drawn: fifty thousand rows scroll like fifty. */
export function VirtualRows<T>(props: {
  readonly items: readonly T[];
  readonly label: string;
  readonly head: ComponentChildren;
  readonly columns: number;
  readonly row: (item: T, index: number) => ComponentChildren;
}) {
  const frame = useRef<HTMLElement>(null);
  const top = useSignal(0);
  const { items } = props;
  const first = Math.max(0, Math.floor(top.value / ROW_PIXELS) - SPARE_ROWS);
  const shown = Math.ceil(HEIGHT_PIXELS / ROW_PIXELS) + 2 * SPARE_ROWS;
  const visible = items.slice(first, first + shown);
  const before = first * ROW_PIXELS;
  const after = Math.max(0, (items.length - first - visible.length) * ROW_PIXELS);
  return (
    <section
      class="table-frame virtual"
      ref={frame}
      {...REACHABLE}
      aria-label={props.label}
      style={{ maxHeight: `${HEIGHT_PIXELS}px` }}
      onScroll={() => {
        top.value = frame.current?.scrollTop ?? 0;
      }}
    >
      <table aria-rowcount={items.length}>
        <thead>{props.head}</thead>
        <tbody>
          {before > 0 && <Gap key="before" pixels={before} columns={props.columns} />}
          {visible.map((item, index) => props.row(item, first + index))}
          {after > 0 && <Gap key="after" pixels={after} columns={props.columns} />}
        </tbody>
      </table>
    </section>
  );
}

function Gap({ pixels, columns }: { readonly pixels: number; readonly columns: number }) {
  return (
    <tr class="gap">
      <td colSpan={columns} style={{ height: `${pixels}px`, padding: 0 }} />
    </tr>
  );
}
