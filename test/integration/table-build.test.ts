import { describe, expect, onTestFinished, test } from 'vitest';
import type { FidelityReportView } from '../../contracts/http/fidelity.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { familyOps } from '../../core/latency/family-ops.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { runLutra } from '../cli/run-lutra.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { RunningService } from './running-service.js';

/** A network takes 1.05 times its ops and 5 µs on the fake device; noise adds up to a few per cent. */
const RUNTIME_OPTIONS = { noise: 0.01, channelStep: 16 };

const FAMILY = 'mobilenet-v3-tiny';
const STEP = 16;

describe('a table for a whole family', () => {
  test('is built, goes on where it was, and is judged by networks held out', async () => {
    const service = await RunningService.start(temporaryDirectory(), RUNTIME_OPTIONS);
    onTestFinished(() => service.stop());
    const lutra = (...args: readonly string[]) => runLutra(args, { env: { LUTRA_URL: service.url } });
    const build = ['table', 'build', FAMILY, '--step', String(STEP), '--networks', '8', '--json'];
    const keys = familyOps(buildZooNetwork(FAMILY, { width: 1 }), STEP);
    const planned = await lutra(...build, '--plan');
    expect(planned.code, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toEqual({
      ops: keys.length,
      missing: keys.length,
      step: STEP,
      networks: 8,
    });
    expect(planned.stderr).toContain(`${keys.length} ops in steps of 16 channels, 0 known`);

    const built = await lutra(...build);
    expect(built.code, built.stderr).toBe(0);
    const result = JSON.parse(built.stdout);
    expect(result).toMatchObject({ ops: keys.length, measured: keys.length, left: [] });
    expect(result.calibration.networks).toBe(8);

    const again = JSON.parse((await lutra(...build, '--plan')).stdout);
    expect(again).toMatchObject({ ops: keys.length, missing: 0 });

    const judged = await lutra('fidelity', '--family', FAMILY, '--networks', '6', '--json');
    expect(judged.code, judged.stderr).toBe(0);
    const report = JSON.parse(judged.stdout) as FidelityReportView;
    expect(report.calibrated).toMatchObject({ networks: 6 });
    expect(report.calibrated.meanAbsoluteError).toBeLessThan(0.02);
    expect(report.raw.meanAbsoluteError).toBeGreaterThan(report.calibrated.meanAbsoluteError);
    expect(report.repeated).toMatchObject({ networks: 6 });
    expect(report.incomplete).toBe(0);

    const answer = await fetch(`${service.url}/latency-table?device=local&limit=1`);
    const table = (await answer.json()) as LatencyTableView;
    expect(table.fidelity).toEqual(report);
    // The six did not join the eight.
    expect(table.calibration.networks).toBe(8);
    const shown = await lutra('table', '--limit', '1');
    expect(shown.stdout).toContain('Fidelity (steady) on 6 held-out networks, mobilenet-v3-tiny');
  }, 180_000);
});
