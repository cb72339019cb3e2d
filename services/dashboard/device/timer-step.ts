import { calibrateClock } from '../../worker/measure/calibrate-clock.js';

/** Browsers round their clock to one of these, by how isolated a page is, and add a little chance. Microseconds. */
const CLASSES_US = [1, 5, 20, 100, 1000, 2000, 16_700, 100_000];

/** The class of this context's clock: part of the environment, so it must come out the same every time. */
export function timerStepUs(): number {
  const { stepNs } = calibrateClock(() => performance.now() * 1e6);
  const stepUs = stepNs / 1000;
  // Chance widens single steps and never narrows the class by half.
  return CLASSES_US.findLast((classUs) => classUs <= stepUs * 1.5) ?? CLASSES_US[0]!;
}
