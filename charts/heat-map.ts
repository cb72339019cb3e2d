import type { ChartSize } from './chart-size.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** Latency of one op by its channels. */
export interface HeatCell {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly latencyMs: number;
  /** What the cell is, and how it was found. */
  readonly title: string;
}

/** Rows and columns beyond this would be thinner than a hair. */
const LEAST_CELL_PIXELS = 5;
const FIGURE_FITS_PIXELS = 44;

/**
 * Latency over (input, output) channels: the darker the slower, by the square root so that the many quick ops can be
 * told apart. Channels stand in order, not to scale: what was measured is dense in some places and sparse in others.
 */
export function heatMap(cells: readonly HeatCell[], unit: LatencyUnit, size: ChartSize): string {
  const columns = distinct(cells.map((cell) => cell.inputChannels));
  const rows = distinct(cells.map((cell) => cell.outputChannels)).toReversed();
  const left = 46;
  const top = 12;
  const columnWidth = Math.max(LEAST_CELL_PIXELS, Math.min(64, (size.width - left - 2) / columns.length));
  const rowHeight = Math.max(LEAST_CELL_PIXELS, Math.min(26, 420 / rows.length));
  const slowestMs = Math.max(...cells.map((cell) => cell.latencyMs), 0);
  const bottom = top + rows.length * rowHeight;
  const columnOf = new Map(columns.map((channels, index) => [channels, index]));
  const rowOf = new Map(rows.map((channels, index) => [channels, index]));
  return chart({ width: size.width, height: bottom + 46 }, 'Latency over input and output channels', [
    ...cells.map((cell) => {
      const heat = slowestMs > 0 ? Math.sqrt(cell.latencyMs / slowestMs) : 0;
      const x = left + columnOf.get(cell.inputChannels)! * columnWidth;
      const y = top + rowOf.get(cell.outputChannels)! * rowHeight;
      const showsFigure = columnWidth >= FIGURE_FITS_PIXELS && rowHeight >= 16;
      return element(
        'g',
        { class: heat > 0.62 ? 'heat hot' : 'heat' },
        tooltip(cell.title),
        element('rect', {
          x: x + 0.5,
          y: y + 0.5,
          width: columnWidth - 1,
          height: rowHeight - 1,
          'fill-opacity': 0.06 + 0.94 * heat,
          rx: 1.5,
        }),
        showsFigure
          ? label(x + columnWidth / 2, y + rowHeight / 2 + 4, unit.figure(cell.latencyMs), {
              'text-anchor': 'middle',
            })
          : '',
      );
    }),
    ticks(columns, columnWidth, 34, (channels, at) =>
      label(left + at + columnWidth / 2, bottom + 17, String(channels), {
        class: 'tick',
        'text-anchor': 'middle',
      }),
    ),
    ticks(rows, rowHeight, 15, (channels, at) =>
      label(left - 7, top + at + rowHeight / 2 + 4, String(channels), {
        class: 'tick',
        'text-anchor': 'end',
      }),
    ),
    label(size.width, bottom + 38, 'input channels; output channels upwards', {
      class: 'axis-title',
      'text-anchor': 'end',
    }),
  ]);
}

function ticks(
  values: readonly number[],
  pixelsEach: number,
  leastGap: number,
  draw: (value: number, at: number) => string,
): string {
  const every = Math.max(1, Math.ceil(leastGap / pixelsEach));
  const drawn = values.map((value, index) => (index % every === 0 ? draw(value, index * pixelsEach) : ''));
  return element('g', { 'aria-hidden': 'true' }, ...drawn);
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
