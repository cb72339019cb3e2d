import type { SessionCheck } from './session-check.js';

/** The anchor of a session: `absent` when none was asked for. */
export type AnchorReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'measured'; readonly latencyNs: number };

/** Levels move by a third between load states; beyond a factor of two the machine is another one. */
const LEVEL_SHIFT = { warn: 1.35, fail: 2 } as const;

/**
 * Compares a session's anchor with the device's baseline.
 * @param baselineNs null for the first session in an environment, which sets the baseline
 * @returns the check, and the factor by which this session's latencies are to be divided
 */
export function anchorCheck(
  anchor: AnchorReading,
  baselineNs: number | null,
): { readonly check: SessionCheck; readonly factor: number } {
  const name = 'anchor';
  const answer = (state: SessionCheck['state'], detail: string, factor = 1) => ({
    check: { name, state, detail },
    factor,
  });
  if (anchor.kind === 'absent')
    return answer('warn', 'no anchor in this session: its level cannot be compared');
  if (anchor.kind === 'failed') return answer('fail', 'the anchor could not be measured');
  const { latencyNs } = anchor;
  if (!(latencyNs > 0) || !Number.isFinite(latencyNs))
    return answer('fail', `the anchor took ${latencyNs} ns`);
  const anchorMs = (latencyNs / 1e6).toFixed(3);
  if (baselineNs === null) return answer('pass', `${anchorMs} ms, the first of this environment`);
  const factor = latencyNs / baselineNs;
  const shift = Math.max(factor, 1 / factor);
  const state = shift > LEVEL_SHIFT.fail ? 'fail' : shift > LEVEL_SHIFT.warn ? 'warn' : 'pass';
  return answer(state, `${anchorMs} ms, ${factor.toFixed(3)} of the baseline`, factor);
}
