import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ChartSize } from '../../../charts/chart-size.js';

const COMPACT_BELOW_PIXELS = 560;

/**
 * A drawing at the width that there is, with what its marks say shown under the pointer. The figures as words stand in
 * the table that follows every chart.
 */
export function Chart(props: {
  readonly draw: (size: ChartSize) => string;
  readonly legend?: ComponentChildren;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const tip = useSignal<{ readonly text: string; readonly x: number; readonly y: number } | null>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    width.value = element.clientWidth;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  const point = (event: PointerEvent) => {
    const mark = (event.target as Element).closest('svg.chart *');
    const title =
      mark?.querySelector(':scope > title') ?? mark?.parentElement?.querySelector(':scope > title');
    tip.value =
      title?.textContent == null || title.parentElement?.classList.contains('chart')
        ? null
        : { text: title.textContent, x: event.clientX, y: event.clientY };
  };
  const svg =
    width.value === 0 ? '' : props.draw({ width: width.value, compact: width.value < COMPACT_BELOW_PIXELS });
  return (
    <figure class="chart-figure">
      {props.legend}
      <div
        ref={frame}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => {
          tip.value = null;
        }}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
      {tip.value !== null && (
        <div
          class="tip"
          style={{
            left: `${Math.min(tip.value.x + 14, Math.max(8, innerWidth - 300))}px`,
            top: `${Math.max(8, tip.value.y - 46)}px`,
          }}
        >
          {tip.value.text}
        </div>
      )}
    </figure>
  );
}

export interface LegendItem {
  /** Class of the mark, which the style of the charts colours. */
  readonly mark: string;
  readonly shape: 'dot' | 'square' | 'diamond' | 'line';
  readonly text: string;
}

/** What the marks of a chart mean. */
export function Legend({ items }: { readonly items: readonly LegendItem[] }) {
  return (
    <ul class="legend">
      {items.map(({ mark, shape, text }) => (
        <li key={text}>
          <svg class="chart" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <g class={mark}>
              {shape === 'dot' && <circle class={mark} cx="7" cy="7" r="4" />}
              {shape === 'square' && <rect class={mark} x="1.5" y="1.5" width="11" height="11" rx="2" />}
              {shape === 'diamond' && <path class={mark} d="M7 1l6 6-6 6-6-6z" />}
              {shape === 'line' && <line class={mark} x1="0" x2="14" y1="7" y2="7" />}
            </g>
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
