import { describe, expect, test } from 'vitest';
import { Eta } from '../../cli/text/eta.js';
import { ProgressDisplay } from '../../cli/text/progress-display.js';

describe('time left', () => {
  test('follows from the pace', () => {
    const eta = new Eta();
    expect(eta.update(0, 0)).toBeNull();
    expect(eta.update(0.25, 10_000)).toBe(30_000);
    expect(eta.update(0.5, 20_000)).toBe(20_000);
  });

  test('goes by the last while, so that a change of pace shows', () => {
    const eta = new Eta(10_000);
    eta.update(0, 0);
    eta.update(0.1, 20_000);
    expect(eta.update(0.5, 30_000)).toBe(12_500);
  });

  test('work that grew starts the reckoning again', () => {
    const eta = new Eta();
    eta.update(0, 0);
    eta.update(0.5, 10_000);
    expect(eta.update(0.3, 11_000)).toBeNull();
    expect(eta.update(0.4, 12_000)).toBeCloseTo(6_000, 6);
  });
});

describe('progress', () => {
  function display(isTTY: boolean) {
    const written: string[] = [];
    const clock = { nowMs: 0 };
    const sink = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    return { written, clock, progress: new ProgressDisplay(sink, () => clock.nowMs) };
  }

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
