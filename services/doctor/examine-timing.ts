import type { Finding } from '../../contracts/doctor.js';
import { sharedShare } from '../../core/measurement/spin-shares.js';
import { MAX_LOST_SHARE } from '../../core/measurement/visit-class.js';
import { calibrateClock } from '../worker/measure/calibrate-clock.js';
import { probeMachine, warmUpProbe } from '../worker/measure/machine-probe.js';
import { probeSharing, warmUpSharing } from '../worker/measure/sibling-probe.js';

/** Coarser than this, single runs of small ops cannot be told apart. */
const COARSE_NS = 1_000;
const PROBES = 40;
const PROBE_MS = 5;
const TAKEN_SHARE_WARN = 0.03;
const SHARED_WARN = 0.1;

/** The clock, and how much of a fifth of a second was taken from a busy core, all of it at times or a sibling's share. */
export function examineTiming(): Finding[] {
  return [clock(), gaps(), sharing()];
}

function clock(): Finding {
  const { stepNs, costNs } = calibrateClock(() => performance.now() * 1e6);
  return finding('clock', stepNs <= COARSE_NS, {
    detail: `moves in steps of ${stepNs} ns, a reading takes ${costNs} ns`,
    mend: 'echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource',
  });
}

function gaps(): Finding {
  warmUpProbe();
  const readings = Array.from({ length: PROBES }, () => probeMachine(PROBE_MS));
  const takenShare = readings.reduce((sum, reading) => sum + reading.takenShare, 0) / PROBES;
  const longestUs = Math.max(...readings.map(({ longestGapUs }) => longestGapUs));
  return finding('gaps', takenShare <= TAKEN_SHARE_WARN, {
    detail: `${(takenShare * 100).toFixed(1)} % of ${PROBES * PROBE_MS} ms were taken away, ${longestUs.toFixed(0)} µs at most in a row`,
    mend: 'stop what else runs; on a shared host, try another time or machine',
  });
}

function sharing(): Finding {
  warmUpSharing();
  const readings = Array.from({ length: PROBES }, () => probeSharing(PROBE_MS));
  const least = Math.min(...readings.map(({ leastRatio }) => leastRatio));
  const shares = readings.map(({ usualRatio }) => sharedShare(usualRatio, least));
  const shared = shares.filter((share) => share > MAX_LOST_SHARE).length / PROBES;
  return finding('core-sharing', shared <= SHARED_WARN, {
    detail: `a sibling thread worked on the same core in ${(shared * 100).toFixed(0)} % of ${PROBES * PROBE_MS} ms`,
    mend: 'leave the sibling core idle; on a shared host visits wait for quiet moments, and sessions take up to 2.5 times as long',
  });
}

/** @param words `mend`: said only where it is not fine */
function finding(
  name: string,
  isFine: boolean,
  words: { readonly detail: string; readonly mend: string },
): Finding {
  const { detail, mend } = words;
  return isFine ? { name, state: 'pass', detail } : { name, state: 'warn', detail, mend };
}
