import { reachText, widthsBuyLittle } from '../charts/text/reach-text.js';
import type { AdaptationView } from '../contracts/adaptation.js';
import { CliError, interrupted } from './cli-error.js';
import type { CommandContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { follow } from './http/follow.js';
import { adaptationUnit } from './views/adaptation-text.js';

const PHASES: Readonly<Record<string, string>> = {
  queued: 'Waiting for the orchestrator',
  'seed-training': 'Training the seed',
  'seed-measuring': 'Measuring the seed',
  iterating: 'Adapting',
  verifying: 'Verifying on the device',
  'final-training': 'Final training',
  baselines: 'Training and measuring the baselines',
  done: 'Done',
};

/** Shows a run's progress until it ends. Ctrl-C ends the watching, not the run, and says what `hint` says. */
export async function followAdaptation(
  context: CommandContext,
  id: string,
  hint = `the run goes on: lutra adapt follow ${id}   (lutra adapt cancel ${id} ends it)`,
): Promise<AdaptationView> {
  const { client, progress, signal } = context;
  let last: AdaptationView | undefined;
  let isWarned = false;
  try {
    for await (const view of follow<AdaptationView>(client, adaptationPath(id), hasEnded, signal)) {
      last = view;
      if (!isWarned && !hasEnded(view)) isWarned = warn(context, view);
      showProgress(context, view);
    }
  } catch (error) {
    progress.finish();
    if (signal.aborted) throw interrupted(hint);
    throw error;
  }
  progress.finish();
  if (last === undefined) throw new CliError(`adaptation ${id} could not be read`, { exitCode: EXIT.failed });
  return last;
}

export function adaptationPath(id: string): string {
  return `/adaptations/${encodeURIComponent(id)}`;
}

export function hasEnded(view: AdaptationView): boolean {
  return view.status === 'finished' || view.status === 'failed' || view.status === 'cancelled';
}

/** 0: finished within its budget; 4: the budget was missed or cannot be met; 1: failed or cancelled. */
export function adaptationExitCode(view: AdaptationView): ExitCode {
  if (view.error?.code === 'unreachable-budget') return EXIT.budgetNotMet;
  if (view.status === 'failed' || view.status === 'cancelled') return EXIT.failed;
  return view.status === 'finished' && view.budgetMet !== true ? EXIT.budgetNotMet : EXIT.ok;
}

/** Says as soon as it is known, not at the end of a long run, where widths buy little. */
function warn({ output, progress }: CommandContext, view: AdaptationView): boolean {
  const warnings = view.reach.filter(widthsBuyLittle);
  if (warnings.length === 0) return view.reach.length > 0;
  progress.finish();
  for (const reach of warnings) output.note(reachText(reach, adaptationUnit(view)));
  return true;
}

function showProgress({ progress }: CommandContext, view: AdaptationView): void {
  const phase = view.status === 'queued' ? 'queued' : view.phase;
  const name = PHASES[phase] ?? phase;
  const { done, total, note } = view.progress;
  progress.update({ phase: name, done, total, note: note.toLowerCase() === name.toLowerCase() ? '' : note });
}
