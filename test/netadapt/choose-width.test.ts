import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateWidths } from '../../core/netadapt/candidate-widths.js';
import { chooseWidth, type WidthQuestion } from '../../core/netadapt/choose-width.js';

/** Asks until an answer comes; counts the widths that had to be measured. @param known to the table before */
function settle(
  question: Omit<WidthQuestion, 'estimateMs'>,
  latencyMs: (width: number) => number,
  known: ReadonlySet<number> = new Set(),
): { readonly width: number | null; readonly measured: readonly number[] } {
  const measured: number[] = [];
  for (;;) {
    const answer = chooseWidth({
      ...question,
      estimateMs: (width) => (measured.includes(width) || known.has(width) ? latencyMs(width) : null),
    });
    if (answer.kind === 'width') return { width: answer.width, measured };
    if (answer.kind === 'none') return { width: null, measured };
    expect(answer.widths.length).toBeGreaterThan(0);
    for (const width of answer.widths) {
      expect(measured).not.toContain(width);
      measured.push(width);
    }
  }
}

const smooth = (width: number): number => 10 + width / 10;

describe('chooseWidth', () => {
  it('finds the largest width that meets the target and measures a few around it', () => {
    const question = { widths: candidateWidths(400, 8), width: 400, latencyMs: 50, floorMs: 10, guard: 1 };
    const { width, measured } = settle({ ...question, targetMs: 36.05 }, smooth);
    expect(width).toBe(256);
    expect(measured.length).toBeLessThanOrEqual(6);
  });

  it('measures nothing where even ops that took no time would not do', () => {
    const question = { widths: [24, 16, 8], width: 32, latencyMs: 50, floorMs: 49, targetMs: 48, guard: 1 };
    expect(settle(question, () => 1)).toEqual({ width: null, measured: [] });
  });

  it('gives up when the narrowest width misses', () => {
    const question = { widths: [24, 16, 8], width: 32, latencyMs: 50, floorMs: 40, targetMs: 45, guard: 1 };
    expect(settle(question, () => 46).width).toBeNull();
  });

  it('sees past a width between two channel steps that is dearer than the next step', () => {
    // Multiples of 16 cost less than the multiple of 8 below them.
    const staircase = (width: number): number => 10 + width / 10 + (width % 16 === 0 ? 0 : 2);
    const question = {
      widths: candidateWidths(96, 8),
      width: 96,
      latencyMs: staircase(96),
      floorMs: 10,
      guard: 2,
    };
    expect(settle({ ...question, targetMs: 18.05 }, staircase).width).toBe(80);
    expect(settle({ ...question, targetMs: 16.45 }, staircase).width).toBe(64);
  });

  it('finds the largest width wherever latency falls with the width', () => {
    const steps = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (gains, share) => {
        const widths = candidateWidths(8 * gains.length, 8);
        const latency = (width: number): number =>
          5 + gains.slice(0, width / 8).reduce((sum, gain) => sum + gain, 0);
        const latencyMs = latency(8 * gains.length) + 0.001;
        const targetMs = 5 + share * (latencyMs - 5) - 0.0005;
        const expected = widths.find((width) => latency(width) <= targetMs) ?? null;
        const question = { widths, width: 8 * gains.length, latencyMs, floorMs: 5, targetMs, guard: 1 };
        expect(settle(question, latency).width).toBe(expected);
      }),
    );
  });

  it('comes to the same width whatever else the table knows, on devices with irregular steps too', () => {
    const latencies = fc.array(fc.double({ min: 10, max: 50, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(latencies, fc.infiniteStream(fc.boolean()), fc.constantFrom(1, 2), (ms, knows, guard) => {
        const widths = candidateWidths(8 * (ms.length + 1), 8);
        const latency = (width: number): number => ms[width / 8 - 1]!;
        const question = {
          widths,
          width: 8 * (ms.length + 1),
          latencyMs: 51,
          floorMs: 5,
          targetMs: 30,
          guard,
        };
        const fuller = new Set(widths.filter(() => knows.next().value));
        expect(settle(question, latency, fuller).width).toBe(settle(question, latency).width);
      }),
    );
  });
});
