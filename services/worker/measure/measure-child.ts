import { readFileSync } from 'node:fs';
import type { MeasureMessage } from '../../../contracts/measure-message.js';
import type { MeasurementPlan } from '../../../contracts/measurement.js';
import { createRuntime } from '../../../runtimes/create-runtime.js';
import { writeMessageLine } from '../message-line.js';
import { measureSession } from './measure-session.js';
import { memoryCurve } from './memory-curve.js';
import { readProcStatus } from './proc-status.js';
import { withChannelStep } from './timed-channel-step.js';

/**
 * A measuring child: `node measure-child.js [--describe]`. A `MeasurementPlan` as JSON on standard input, messages as
 * JSON lines on descriptor 3, nothing on standard output. With `--describe` it only tells the environment.
 */
const MESSAGES = 3;

const plan = JSON.parse(readFileSync(0, 'utf8')) as MeasurementPlan;
const send = (message: MeasureMessage) => writeMessageLine(MESSAGES, message);
const runtime = await createRuntime(plan);
const { allowedCores } = readProcStatus('self');
const environment = await withChannelStep(runtime, await runtime.environment(), plan.channelStep);
send({
  type: 'environment',
  environment,
  ...(allowedCores === undefined ? {} : { allowedCores }),
});
const observations = process.argv.includes('--describe') ? {} : await observedSession();
await runtime.close();
send({ type: 'end', observations });

async function observedSession(): Promise<Record<string, unknown>> {
  for (const kind of plan.hostProbes ?? [])
    send({ type: 'host-probe', probe: { kind, data: memoryCurve() } });
  const session = await measureSession(runtime, plan, {
    port: { send },
    isTimed: environment.flags.durations !== 'computed',
  });
  return { ...session, affinityAfter: readProcStatus('self').allowedCores };
}
