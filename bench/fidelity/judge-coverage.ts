import { seededRng, shuffle } from '../../core/random.js';
import { type BenchLine, judged } from '../bench-line.js';
import type { Collected } from './collected.js';
import { covered, rounded, tableOf } from './judge.js';

const DRAWS = 200;
const FEWEST_CALIBRATING = 6;

/** Over many draws of calibration networks, from six to half of all: how often the others lie within their intervals. */
export function* judgeCoverage({ networks, ...rest }: Collected): Iterable<BenchLine> {
  const rng = seededRng(1);
  let [within, all] = [0, 0];
  for (let draw = 0; draw < DRAWS; draw++) {
    const shuffled = shuffle([...networks], rng);
    const most = Math.max(FEWEST_CALIBRATING, networks.length >> 1);
    const count = FEWEST_CALIBRATING + Math.floor(rng() * (most - FEWEST_CALIBRATING + 1));
    const heldOut = shuffled.slice(count);
    within += covered(tableOf({ networks, ...rest }, shuffled.slice(0, count)), heldOut);
    all += heldOut.length;
  }
  if (all === 0) return;
  const line = {
    bench: 'fidelity',
    metric: 'held-out networks within the 95 % interval of their estimate',
    value: rounded((100 * within) / all, 1),
    unit: '%',
    detail: { draws: DRAWS, estimates: all },
  };
  yield judged({ ...line, goal: { atLeast: 90 } });
  yield judged({ ...line, metric: 'the same, not more than 98 %', goal: { atMost: 98 } });
}
