import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { FidelityReportView } from '../../contracts/http/fidelity.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import type { MeasuredNetworks } from '../../contracts/http/measured-networks.js';
import { familyOps } from '../../core/latency/family-ops.js';
import { fuse } from '../../core/ops/fuse.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { fakeNetworkNs, fakeOpNs } from '../../runtimes/fake/fake-latency.js';
import { runLutra } from '../cli/run-lutra.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { RunningService } from './running-service.js';

/** A network takes 1.05 times its ops and 5 µs on the fake device; noise adds a per cent to each run. */
const RUNTIME_OPTIONS = { noise: 0.01, channelStep: 16 };

const FAMILY = 'mobilenet-v3-tiny';
const STEP = 16;
const HELD_OUT = 6;

async function startService(runtimeOptions: object) {
  const service = await RunningService.start(temporaryDirectory(), runtimeOptions);
  onTestFinished(() => service.stop());
  return {
    lutra: (...args: readonly string[]) => runLutra(args, { env: { LUTRA_URL: service.url } }),
    get: async <T>(path: string): Promise<T> => (await (await fetch(`${service.url}${path}`)).json()) as T,
  };
}

describe('a table for a whole family, on a service of its own', () => {
  test('is built whole, and judged by networks that never calibrate it', async () => {
    const { lutra, get } = await startService(RUNTIME_OPTIONS);
    const build = ['table', 'build', FAMILY, '--step', String(STEP), '--networks', '8', '--json'];
    const keys = familyOps(buildZooNetwork(FAMILY, { width: 1 }), STEP);
    const planned = await lutra(...build, '--plan');
    expect(planned.code, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      ops: keys.length,
      missing: keys.length,
      step: STEP,
      networks: 8,
      missingNetworks: 8,
    });

    const built = await lutra(...build);
    expect(built.code, built.stderr).toBe(0);
    expect(built.stderr).toContain(`${keys.length} ops at widths in steps of 16 channels`);
    const result = JSON.parse(built.stdout);
    expect(result).toMatchObject({ complete: true, measured: keys.length, left: [], leftNetworks: [] });
    expect(result.msPerOp).toBeGreaterThan(0);
    expect(result.cost.sessions).toBeGreaterThanOrEqual(Math.ceil(keys.length / 64));
    expect(result.calibration).toMatchObject({ networks: 8 });
    const table = await get<LatencyTableView>('/latency-table?device=local&limit=10000');
    expect(table.entries.map(({ key }) => key).sort()).toEqual([...keys].sort());
    for (const { key, latencyMs } of table.entries) {
      const exactMs = fakeOpNs(decodeOpKey(key), RUNTIME_OPTIONS) / 1e6;
      // Noise adds to the op, and to the anchor that it is divided by.
      expect(Math.abs(latencyMs / exactMs - 1), key).toBeLessThan(0.01);
    }

    const judged = await lutra('fidelity', '--family', FAMILY, '--networks', String(HELD_OUT), '--json');
    expect(judged.code, judged.stderr).toBe(0);
    const { left, cost, ...report } = JSON.parse(judged.stdout) as FidelityReportView & {
      readonly left: readonly unknown[];
      readonly cost: { readonly sessions: number };
    };
    expect(left).toEqual([]);
    expect(cost.sessions).toBeGreaterThanOrEqual(3);
    expect(report).toMatchObject({ incomplete: 0, repeated: { networks: HELD_OUT } });
    expect(report.calibrated).toMatchObject({ networks: HELD_OUT, within5Percent: 1 });
    expect(report.calibrated.meanAbsoluteError).toBeLessThan(0.01);
    expect(report.raw.meanAbsoluteError).toBeCloseTo(rawError(), 2);

    const { fidelity, calibration } = await get<LatencyTableView>('/latency-table?device=local&limit=1');
    expect(fidelity).toEqual(report);
    expect(calibration.networks).toBe(8);
    expect((await get<DeviceView>('/devices/local')).fidelity).toEqual({ steady: report, cold: null });
    const { networks } = await get<MeasuredNetworks>('/latency-table/networks?device=local');
    expect(networks.filter(({ calibrates }) => calibrates)).toHaveLength(8);
    expect(networks.filter(({ calibrates }) => !calibrates)).toHaveLength(HELD_OUT);
    const shown = await lutra('table', '--limit', '1');
    const line = `Fidelity (steady) on ${HELD_OUT} held-out networks, ${FAMILY}`;
    expect(shown.stdout).toContain(line);
    expect((await lutra('devices', 'show', 'local')).stdout).toContain(line);
  }, 180_000);

  test('ends with 1 where ops crash or are refused, and has all others', async () => {
    const rules = [
      { match: 'op:squeezeExcite*', behaviour: 'unsupported-in-run' },
      { match: 'op:dense*', behaviour: 'crash' },
    ];
    const { lutra } = await startService({ ...RUNTIME_OPTIONS, rules });
    const { code, stdout } = await lutra(
      ...['table', 'build', FAMILY, '--step', '1000', '--networks', '1', '--json'],
    );
    expect(code).toBe(1);
    const { left, leftNetworks, complete, measured, ops, calibration } = JSON.parse(stdout);
    expect(complete).toBe(false);
    const kinds = new Map<string, string>(
      left.map(({ what, kind }: { what: string; kind: string }) => [what.split(':')[0], kind]),
    );
    expect(Object.fromEntries(kinds)).toEqual({ squeezeExcite: 'unsupported-op', dense: 'crashed' });
    expect(measured).toBe(ops - left.length);
    // The network itself ran, but a calibration needs all its ops.
    expect(leftNetworks).toMatchObject([{ kind: expect.any(String) }]);
    expect(calibration.networks).toBe(0);
  }, 180_000);
});

/** Of the held-out networks' plain sums, by the device's formula. */
function rawError(): number {
  const errors = Array.from({ length: HELD_OUT }, (_, i) => {
    const network = randomNetwork(FAMILY, {}, 1000 + i);
    const wholeNs = fakeNetworkNs(network, RUNTIME_OPTIONS);
    return fuse(network).reduce((sum, { op }) => sum + fakeOpNs(op, RUNTIME_OPTIONS), 0) / wholeNs;
  });
  return 1 - errors.reduce((sum, ratio) => sum + ratio, 0) / errors.length;
}
