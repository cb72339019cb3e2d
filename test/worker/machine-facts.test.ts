import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheProbe } from '../../services/worker/measure/cache-probe.js';
import { calibrateClock } from '../../services/worker/measure/calibrate-clock.js';
import { probeMachine } from '../../services/worker/measure/machine-probe.js';
import { probeSharing } from '../../services/worker/measure/sibling-probe.js';
import { SiblingWatch } from '../../services/worker/measure/sibling-watch.js';
import { readSystemFacts } from '../../services/worker/measure/system-facts.js';
import { ThreadCounters } from '../../services/worker/measure/thread-counters.js';
import { VisitWatch } from '../../services/worker/measure/visit-watch.js';
import { withSiblings } from '../../services/worker/sibling-cores.js';

const root = mkdtempSync(join(tmpdir(), 'lutra-facts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

describe('facts of the machine', () => {
  test('are absent where nothing can be read', () => {
    expect(readSystemFacts(1, join(root, 'nothing'))).toEqual({});
  });

  test('are read from the files that Linux shows', () => {
    write('proc/pressure/cpu', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=812\nfull avg10=0.00 total=0\n');
    write('proc/pressure/memory', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=34\n');
    write('proc/stat', 'cpu  10 0 3 9 1 0 0 44 0 0\ncpu0 1 0 1 4 0 0 0 13 0 0\ncpu1 9 0 2 5 1 0 0 31 0 0\n');
    write('proc/vmstat', 'pgfault 100\npswpin 4\npswpout 5\n');
    write('proc/meminfo', 'MemTotal:       2048 kB\nMemFree:         100 kB\nMemAvailable:    512 kB\n');
    write('proc/self/status', 'Name:\tnode\nVmSwap:\t       8 kB\n');
    write('sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq', '3600000\n');
    write('sys/devices/system/cpu/cpu1/cpufreq/scaling_governor', 'performance\n');
    write('sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count', '2\n');
    write('sys/class/thermal/thermal_zone0/temp', '41000\n');
    write('sys/class/thermal/thermal_zone3/temp', '57500\n');
    write('sys/class/thermal/cooling_device0/type', 'fan\n');
    expect(readSystemFacts(1, root)).toEqual({
      pressureCpuUs: 812,
      pressureMemoryUs: 34,
      swappedPages: 9,
      stolenTicks: 31,
      availableBytes: 524_288,
      totalBytes: 2_097_152,
      ownSwapBytes: 8_192,
      frequencyMhz: 3_600,
      governor: 'performance',
      throttles: 2,
      temperatureC: 57.5,
    });
    expect(readSystemFacts(null, root).stolenTicks).toBe(22);
  });
});

describe('a clock', () => {
  test('with a step of 100 µs is found out', () => {
    const coarse = () => Math.floor(performance.now() * 10) * 100_000;
    expect(calibrateClock(coarse).stepNs).toBe(100_000);
  });

  test('that counts a nanosecond a reading has that step and that cost', () => {
    let nowNs = 0;
    expect(calibrateClock(() => ++nowNs)).toEqual({ stepNs: 1, costNs: 1 });
  });
});

describe('cores with their siblings', () => {
  const topology = (core: number) => `sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;

  test('are those that share a physical core', () => {
    write(topology(1), '1,5\n');
    write(topology(0), '0-1\n');
    expect(withSiblings([1], root)).toEqual([1, 5]);
    expect(withSiblings([1, 0], root)).toEqual([0, 1, 5]);
  });

  test('are the cores alone where the system does not tell', () => {
    expect(withSiblings([7], root)).toEqual([7]);
    expect(withSiblings([], root)).toEqual([]);
  });
});

describe('the price of the last-level cache', () => {
  const cache = 'sys/devices/system/cpu/cpu3/cache/index3';

  test('is read where the system tells its size', () => {
    write(`${cache}/level`, '3\n');
    write(`${cache}/size`, '1024K\n');
    const nsPerByte = cacheProbe(3, root)!();
    expect(nsPerByte).toBeGreaterThan(0);
    expect(nsPerByte).toBeLessThan(10);
  });

  test('is not where there is no third level, or no size', () => {
    expect(cacheProbe(4, root)).toBeNull();
    write(`${cache}/size`, 'unknown\n');
    expect(cacheProbe(3, root)).toBeNull();
    write(`${cache}/size`, '1024K\n');
    write(`${cache}/level`, '4\n');
    expect(cacheProbe(3, root)).toBeNull();
  });
});

test('a spin finds the time that was taken from it', () => {
  const reading = probeMachine(2);
  expect(reading.chunkNs).toBeGreaterThan(0);
  expect(reading.takenShare).toBeGreaterThanOrEqual(0);
  expect(reading.takenShare).toBeLessThan(1);
});

test('parallel work has a usual piece, and a fastest', () => {
  const { leastRatio, usualRatio } = probeSharing(1);
  expect(leastRatio).toBeGreaterThan(0);
  expect(usualRatio).toBeGreaterThanOrEqual(leastRatio);
});

describe('the watch of the sibling thread', () => {
  const watchOf = (...readings: number[]) => {
    let read = 0;
    const watch = new SiblingWatch(() => {
      const usualRatio = readings[Math.min(read++, readings.length - 1)]!;
      return { usualRatio, leastRatio: 1 };
    });
    return { watch, read: () => read };
  };

  test('lets a visit wait until the core is its own again', () => {
    const { watch, read } = watchOf(1, 1, 1.5, 1.5, 1.24, 1);
    watch.begin();
    expect(watch.end()).toEqual({ parallelRatio: 1, sharedShare: 0 });
    // A fifth less of the core than the fastest reading is let pass.
    watch.begin();
    expect(read()).toBe(5);
    expect(watch.end().parallelRatio).toBe(1.12);
  });

  test('tells what a sibling took that came meanwhile', () => {
    const { watch } = watchOf(1, 2);
    watch.begin();
    expect(watch.end()).toEqual({ parallelRatio: 1.5, sharedShare: expect.closeTo(1 / 3, 9) });
  });

  test('lets no visit wait for so long that its process would be taken for hung', () => {
    let nowMs = 0;
    let usualRatio = 1;
    const watch = new SiblingWatch(
      (durationMs) => {
        nowMs += durationMs;
        return { usualRatio, leastRatio: 1 };
      },
      () => nowMs,
    );
    watch.begin();
    watch.end();
    // Half a minute of quiet visits, then a sibling that stays.
    nowMs = 30_000;
    usualRatio = 2;
    watch.begin();
    expect(nowMs - 30_000).toBeGreaterThan(1_900);
    expect(nowMs - 30_000).toBeLessThan(2_100);
  });

  test('lets a visit begin where the sibling never goes', () => {
    const { watch } = watchOf(1, 1, 1.5);
    watch.begin();
    watch.end();
    watch.begin();
    expect(watch.end().parallelRatio).toBe(1.5);
  });
});

test('the spin is compiled before its first reading, so that no compiler’s work is taken for the host’s', () => {
  const built = (name: string) =>
    JSON.stringify(new URL(`../../dist/services/worker/measure/${name}.js`, import.meta.url).href);
  const script = `import { probeMachine, warmUpProbe } from ${built('machine-probe')};
    import { probeSharing, warmUpSharing } from ${built('sibling-probe')};
    warmUpProbe();
    warmUpSharing();
    new Function('%DebugPrint("warmed up")')();
    for (let i = 0; i < 40; i++) {
      probeMachine(1);
      probeSharing(0.06);
    }`;
  const flags = ['--allow-natives-syntax', '--no-concurrent-recompilation', '--trace-opt', '--trace-deopt'];
  const { stdout } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const [before, after] = stdout
    .split('#warmed up')
    .map((lines) => lines.match(/<JSFunction (spin|work|load|spinLoads) /g));
  expect(before).toEqual(
    expect.arrayContaining(['spin', 'work', 'load', 'spinLoads'].map((name) => `<JSFunction ${name} `)),
  );
  expect(after).toBeNull();
});

describe.runIf(process.platform === 'linux')('a visit', () => {
  test('that sleeps stood still, one that works did not', async () => {
    const counters = new ThreadCounters();
    counters.look();
    expect(counters.count).toBeGreaterThanOrEqual(1);
    const watch = new VisitWatch(counters, performance.now(), null);
    watch.begin();
    // Long beside what the engine compiles in the background of what ran before.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(watch.end().stoppedShare).toBeGreaterThan(0.5);
    watch.begin();
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
    const worked = watch.end();
    expect(worked.stoppedShare).toBeLessThan(0.5);
    expect(worked.startMs).toBeGreaterThanOrEqual(60);
    expect(worked.waitShare).toBeGreaterThanOrEqual(0);
    counters.close();
  });
});
