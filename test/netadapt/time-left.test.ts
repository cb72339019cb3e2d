import { describe, expect, it } from 'vitest';
import { Eta } from '../../cli/text/eta.js';
import type { Command } from '../../core/netadapt/command.js';
import { courseOf } from '../../core/netadapt/course/course.js';
import { progressOf } from '../../core/netadapt/progress.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';
import { countMacs } from '../../core/network/macs.js';
import { SimulatedDevice } from './simulated-device.js';
import { answer, settingsFor, TINY } from './simulated-run.js';

/** The quickstart's machine: a step of the seed, what a session or a search takes, what begins and ends a training. */
const STEP_MS = 16;
const SESSION_MS = 2_000;
const AROUND_TRAINING_MS = 300;
const LOOK_EVERY_MS = 500;

interface Look {
  readonly atMs: number;
  readonly leftMs: number | null;
}

interface Work {
  readonly command: Command;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly steps: number;
}

/** Runs it on a device and so many trainers, in simulated time; a command line looks at the progress now and then. */
function watch(
  changes: Partial<RunSettings>,
  trainers: number,
): { readonly endMs: number; readonly looks: Look[] } {
  const settings = settingsFor({ macsBaseline: true, ...changes });
  const device = new SimulatedDevice();
  const eta = new Eta();
  const looks: Look[] = [];
  let state = initialState(settings);
  let running: Work[] = [];
  let nowMs = 0;
  const stepsOf = (command: Command): number => {
    if (command.kind !== 'train') return 0;
    const { seed, fineTune, final } = settings.steps;
    return { seed, 'fine-tune': fineTune, final, evaluate: 0 }[command.recipe] + command.extraSteps;
  };
  const durationOf = (command: Command): number => {
    if (command.kind === 'measure' || command.kind === 'propose') return SESSION_MS;
    if (command.kind !== 'train') return 0;
    const share = countMacs(command.network) / countMacs(TINY);
    return AROUND_TRAINING_MS + stepsOf(command) * STEP_MS * (0.3 + 0.7 * share);
  };
  const look = (atMs: number): void => {
    const { done, total, stepCost } = progressOf(state, courseOf(state));
    const underWay = running.reduce(
      (sum, { fromMs, untilMs, steps }) => sum + (steps * (atMs - fromMs)) / Math.max(1, untilMs - fromMs),
      0,
    );
    looks.push({ atMs, leftMs: eta.update(Math.min(total, done + underWay * stepCost), total, atMs) });
  };
  for (;;) {
    const course = courseOf(state);
    if (course.commands.length === 0) return { endMs: nowMs, looks };
    for (const command of course.commands) {
      if (running.some((work) => work.command.key === command.key)) continue;
      const isTraining = command.kind === 'train';
      const busy = running.filter(({ command: { kind } }) => (kind === 'train') === isTraining).length;
      if (busy >= (isTraining ? trainers : 1)) continue;
      running.push({ command, fromMs: nowMs, untilMs: nowMs + durationOf(command), steps: stepsOf(command) });
    }
    const next = running.reduce((a, b) => (b.untilMs < a.untilMs ? b : a));
    for (let atMs = nowMs + LOOK_EVERY_MS; atMs < next.untilMs; atMs += LOOK_EVERY_MS) look(atMs);
    nowMs = next.untilMs;
    running = running.filter((work) => work !== next);
    state = applyEvent(state, answer(next.command, settings, device, {}));
  }
}

describe('the time left that a command line shows', () => {
  it.each([
    ['as the quickstart goes', {}],
    ['without baselines', { baselines: false, macsBaseline: false }],
    ['one cut at a time', { maxChosenPerIteration: 1, schedule: { initialReduction: 0.06, decay: 0.96 } }],
    ['from trained weights', { seedWeights: 'a'.repeat(64) }],
    ['to 80 %', { budget: [{ resource: { kind: 'latency', device: 'local' }, limit: { ratio: 0.8 } }] }],
  ] as const)('is near what it takes, %s, and never too low for long', (_name, changes) => {
    const { endMs, looks } = watch(changes, 2);
    const shown = looks.filter((look): look is { atMs: number; leftMs: number } => look.leftMs !== null);
    const early = shown.filter(({ atMs }) => endMs - atMs > 0.1 * endMs);
    const tooLow = early.filter(({ atMs, leftMs }) => leftMs < 0.7 * (endMs - atMs)).length;
    const tooHigh = early.filter(({ atMs, leftMs }) => leftMs > 2 * (endMs - atMs)).length;
    expect(tooLow / early.length).toBeLessThan(0.1);
    expect(tooHigh / early.length).toBeLessThan(0.1);
  });
});
