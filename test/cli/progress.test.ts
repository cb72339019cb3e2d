import { describe, expect, test } from 'vitest';
import { Eta } from '../../cli/text/eta.js';
import { ProgressDisplay } from '../../cli/text/progress-display.js';

describe('time left', () => {
  test('follows from the pace', () => {
    const eta = new Eta();
    expect(eta.update(0, 1, 0)).toBeNull();
    expect(eta.update(0.25, 1, 10_000)).toBe(30_000);
    expect(eta.update(0.5, 1, 20_000)).toBe(20_000);
  });

  test('counts down while nothing is gained, and is silent once it has run out', () => {
    const eta = new Eta();
    eta.update(0, 1, 0);
    eta.update(0.5, 1, 10_000);
    expect(eta.update(0.5, 1, 13_000)).toBe(7_000);
    expect(eta.update(0.5, 1, 21_000)).toBeNull();
    expect(eta.update(0.75, 1, 30_000)).toBe(10_000);
  });

  test('is not guessed from the first crumb', () => {
    const eta = new Eta();
    eta.update(0, 1, 0);
    expect(eta.update(0.02, 1, 10_000)).toBeNull();
    expect(eta.update(0.2, 1, 20_000)).toBe(80_000);
  });

  test('goes by the last while where that is slower than the whole', () => {
    const eta = new Eta(10_000);
    eta.update(0, 1, 0);
    eta.update(0.5, 1, 10_000);
    expect(eta.update(0.6, 1, 20_000)).toBeCloseTo(40_000, 6);
    const faster = new Eta(10_000);
    faster.update(0, 1, 0);
    faster.update(0.125, 1, 20_000);
    expect(faster.update(0.625, 1, 30_000)).toBe(18_000);
  });

  test('work that grew keeps the pace that was seen', () => {
    const eta = new Eta();
    eta.update(0, 4, 0);
    expect(eta.update(3, 4, 12_000)).toBe(4_000);
    expect(eta.update(3, 6, 12_000)).toBe(12_000);
  });

  test('another run starts the reckoning again', () => {
    const eta = new Eta();
    eta.update(0, 1, 0);
    eta.update(0.75, 1, 10_000);
    expect(eta.update(0.25, 1, 11_000)).toBeNull();
    expect(eta.update(0.5, 1, 12_000)).toBe(2_000);
  });
});

describe('progress', () => {
  function display(isTTY: boolean) {
    const written: string[] = [];
    const clock = { nowMs: 0 };
    const sink = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    return { written, clock, progress: new ProgressDisplay(sink, () => clock.nowMs) };
  }

  test('other work is reckoned by its own pace', () => {
    const { written, clock, progress } = display(false);
    progress.update({ phase: 'Measuring', done: 0, total: 4 });
    clock.nowMs = 1_000;
    progress.update({ phase: 'Measuring', done: 4, total: 4 });
    progress.finish();
    progress.update({ phase: 'Adapting', done: 7_900, total: 10_000 });
    clock.nowMs = 21_000;
    progress.update({ phase: 'Adapting', done: 8_300, total: 10_000 });
    expect(written.at(-1)).toBe('Adapting: 83 % · about 1 min 25 s left\n');
  });

  test('on a terminal is one line, written over', () => {
    const { written, clock, progress } = display(true);
    progress.update({ phase: 'Adapting', done: 0, total: 4, note: 'iteration 1' });
    clock.nowMs = 10_000;
    progress.update({ phase: 'Adapting', done: 1, total: 4, note: 'iteration 2' });
    expect(written).toEqual([
      '\r\u001b[KAdapting  ──────────────────────── 0 % · iteration 1',
      '\r\u001b[KAdapting  ━━━━━━──────────────────  25 % · about 30 s left · iteration 2'.replace(
        '  25',
        ' 25',
      ),
    ]);
    progress.update({ phase: 'Verifying', done: 4, total: 4 });
    expect(written.slice(2, 4)).toEqual(['\r\u001b[KAdapting: done in 10 s', '\n']);
    progress.finish();
    expect(written.at(-1)).toBe('\n');
  });

  test('a line is never longer than the terminal is wide', () => {
    const { written, progress } = display(true);
    progress.update({ phase: 'Adapting', done: 1, total: 4, note: 'x'.repeat(200) });
    expect(written[0]!.replace('\r\u001b[K', '').length).toBeLessThan(80);
  });

  test('elsewhere are plain lines: at a new phase, then now and then, never twice the same', () => {
    const { written, clock, progress } = display(false);
    for (let step = 0; step <= 30; step++) {
      clock.nowMs = step * 1000;
      progress.update({ phase: 'Adapting', done: step, total: 100 });
    }
    progress.update({ phase: 'Done', done: 100, total: 100 });
    progress.update({ phase: 'Done', done: 100, total: 100 });
    expect(written).toEqual([
      'Adapting: 0 %\n',
      'Adapting: 10 % · about 1 min 30 s left\n',
      'Adapting: 20 % · about 1 min 20 s left\n',
      'Adapting: 30 % · about 1 min 10 s left\n',
      'Done: 100 %\n',
    ]);
  });
});
