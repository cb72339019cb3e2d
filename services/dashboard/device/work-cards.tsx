import { ActionButton } from '../parts/action-button.js';
import { Badge, type Tone } from '../parts/badge.js';
import { Card } from '../parts/card.js';
import { Latency } from '../parts/latency.js';
import { Progress } from '../parts/progress.js';
import { Ago } from '../parts/time.js';
import type { Credentials } from './credentials.js';
import {
  type AgentState,
  agentEnvironment,
  agentMessage,
  agentState,
  currentWork,
  endedWork,
} from './device-agent.js';
import { GPU_WORDS, gpuState } from './gpu-adapter.js';

const STATES: Readonly<
  Record<AgentState, { readonly tone: Tone; readonly word: string; readonly text: string }>
> = {
  starting: { tone: 'plain', word: 'starting', text: 'Loading the runtime and saying what this browser is.' },
  waiting: { tone: 'good', word: 'ready', text: 'Waiting for work.' },
  measuring: {
    tone: 'good',
    word: 'measuring',
    text: 'Leave the page in sight and the device alone for a moment.',
  },
  hidden: {
    tone: 'warn',
    word: 'paused',
    text: 'Browsers slow down what is out of sight, so nothing is measured until the page is in sight again.',
  },
  offline: {
    tone: 'warn',
    word: 'offline',
    text: 'The service does not answer. It is tried again every second.',
  },
  'another-tab': {
    tone: 'bad',
    word: 'another tab',
    text: 'Another tab of this browser is the device already. Two would disturb each other: close this one.',
  },
  refused: {
    tone: 'bad',
    word: 'refused',
    text: 'The service does not accept this browser any more. Pair it again.',
  },
  broken: { tone: 'bad', word: 'stopped', text: 'This browser cannot measure.' },
};

/** What the browser does, what it is, what it did. */
export function WorkCards({
  credentials,
  onForget,
}: {
  readonly credentials: Credentials;
  readonly onForget: () => void;
}) {
  const state = STATES[agentState.value];
  const work = currentWork.value;
  const environment = agentEnvironment.value;
  return (
    <div class="stack">
      <Card title="Now" aside={<Badge tone={state.tone}>{state.word}</Badge>}>
        <div class="card-body" role="status" data-state={agentState.value}>
          <p class="soft">{state.text}</p>
          {agentMessage.value !== '' && <p class="notice bad">{agentMessage.value}</p>}
          <div class="now-work">
            {work !== null && (
              <>
                <Progress
                  done={work.progress.done}
                  total={work.progress.total}
                  label="Progress of the measurement"
                />
                <p class="row-note">
                  {work.progress.latencyMs !== undefined && (
                    <span>
                      so far{' '}
                      <Latency
                        latencyMs={work.progress.latencyMs}
                        interval={work.progress.interval ?? null}
                      />
                    </span>
                  )}
                  <code>{work.graphId || work.jobId}</code>
                </p>
              </>
            )}
          </div>
        </div>
      </Card>
      <Card title="This browser">
        <dl class="plain card-body">
          <dt>Runtime</dt>
          <dd>
            {credentials.runtime} {environment?.runtimeVersion}
          </dd>
          <dt>Isolation</dt>
          <dd>
            {environment?.flags.isolation ?? '…'}
            {environment?.flags.isolation === 'not isolated' && (
              <span class="soft"> – opened over HTTPS it would have a finer clock: lutra serve --https</span>
            )}
          </dd>
          <dt>Clock step</dt>
          <dd>{environment === null ? '…' : `${environment.flags.timerStepUs} µs`}</dd>
          <dt>Threads</dt>
          <dd>{credentials.threads}</dd>
          <dt>WebGPU</dt>
          <dd>{GPU_WORDS[gpuState.value]}</dd>
          <dt>Logical cores</dt>
          <dd>{environment?.flags.logicalCores ?? '…'}</dd>
          <dt>User agent</dt>
          <dd class="small">{navigator.userAgent}</dd>
        </dl>
      </Card>
      {endedWork.value.length > 0 && (
        <Card title="Done since the page was opened">
          <ul class="rows">
            {endedWork.value.map(({ jobId, atMs, end }) => (
              <li key={`${jobId}${atMs}`} class="row-head">
                <code>{jobId}</code>
                <span class="small soft">
                  {end}, <Ago atMs={atMs} />
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <div class="actions">
        <ActionButton act={async () => onForget()}>Forget this device</ActionButton>
      </div>
    </div>
  );
}
