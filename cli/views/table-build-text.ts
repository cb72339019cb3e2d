import { duration } from '../../charts/text/figures.js';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { CalibrationView } from '../../contracts/http/latency-table-view.js';
import { SESSIONS_PER_NETWORK, sessionCount } from '../measuring/measure-table.js';
import { costWords, type MeasuringCost } from '../measuring/measuring-cost.js';
import type { Unmeasured } from '../measuring/unmeasured.js';
import { leftText } from './left-text.js';

/** What a build comes to before it begins. */
export interface BuildPlan {
  readonly family: string;
  readonly device: string;
  readonly runtime: DeviceView['runtime'];
  /** Channels between two widths. */
  readonly step: number;
  /** In all, and those of them that the table lacks. */
  readonly ops: number;
  readonly missing: number;
  /** Measured whole to calibrate, and those of them that do not yet. */
  readonly networks: number;
  readonly missingNetworks: number;
}

export interface BuildResult extends BuildPlan {
  /** Every op is in the table, and every network calibrates it. */
  readonly complete: boolean;
  /** Ops measured now. */
  readonly measured: number;
  readonly left: readonly Unmeasured[];
  readonly leftNetworks: readonly Unmeasured[];
  readonly cost: MeasuringCost;
  /** Wall time over ops measured now, with the networks between them; null for none. */
  readonly msPerOp: number | null;
  /** Ops in the whole table. */
  readonly entryCount: number;
  readonly calibration: CalibrationView;
}

/** An op with the graphs around it and its share of the session, as onnxruntime takes on a quiet server core. */
const USUAL_MS_PER_OP = 20;
const USUAL_MS_PER_NETWORK = 200;

export function planText(plan: BuildPlan): string {
  const { family, device, step, ops, missing, networks, missingNetworks } = plan;
  const sessions = sessionCount(missing, missingNetworks);
  const usualMs = missing * USUAL_MS_PER_OP + missingNetworks * SESSIONS_PER_NETWORK * USUAL_MS_PER_NETWORK;
  const lines = [
    `${family} on ${device}: ${count(ops, 'op')} at widths in steps of ${step} channels, ${toMeasure(missing, ops)}; ` +
      `${count(networks, 'network')} to calibrate, ${toMeasure(missingNetworks, networks)}.`,
  ];
  if (sessions > 0) {
    lines.push(
      `About ${duration(usualMs)} in ${count(sessions, 'session')} on a quiet server core; ` +
        'the time left follows the device’s own pace as it goes.',
    );
  }
  return lines.join('\n');
}

export function resultText(result: BuildResult): string {
  const { device, ops, missing, measured, networks, missingNetworks, left, leftNetworks } = result;
  const { cost, msPerOp, complete, family, entryCount, calibration } = result;
  const each = msPerOp === null ? '' : `, ${msPerOp.toFixed(1)} ms an op`;
  const ofNetworks = missingNetworks - leftNetworks.length;
  const kinds = [
    ...(missing === 0 ? [] : [measuredWords(measured, ops, 'op')]),
    ...(missingNetworks === 0 ? [] : [measuredWords(ofNetworks, networks, 'network')]),
  ];
  const lines = [
    ...(kinds.length === 0 ? [] : [`${kinds.join(' and ')} measured now: ${costWords(cost)}${each}`]),
    ...leftText('ops', left),
    ...leftText('networks', leftNetworks),
    complete
      ? `The table of ${device} is complete for ${family}: ${count(entryCount, 'op')} in all, calibrated on ${count(calibration.networks, 'network')}.`
      : `The table of ${device} is NOT complete for ${family}. The same command tries again what is left.`,
  ];
  return lines.join('\n');
}

function measuredWords(measured: number, of: number, noun: string): string {
  return `${measured.toLocaleString('en')} of ${count(of, noun)}`;
}

function toMeasure(missing: number, of: number): string {
  if (missing === 0) return 'all measured already';
  return missing === of ? 'none measured yet' : `${missing.toLocaleString('en')} of them not measured yet`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
