import { useSignal } from '@preact/signals';
import type { AdaptationRequest, Budget } from '../../../../contracts/adaptation.js';
import type { AdaptationAccepted } from '../../../../contracts/http/adaptations.js';
import type { DeviceList } from '../../../../contracts/http/device-view.js';
import type { ZooList } from '../../../../contracts/http/zoo-view.js';
import { sendJson } from '../../api/client.js';
import { useResource } from '../../api/resource.js';
import { Card } from '../../parts/card.js';
import { href } from '../../router.js';

const COUNTS = [
  { name: 'macs', text: 'MACs' },
  { name: 'params', text: 'Parameters' },
  { name: 'peakActivationBytes', text: 'Memory' },
] as const;

/** What a run needs; everything else has a default. */
export function StartCard() {
  const devices = useResource<DeviceList>('/devices').value.data?.devices ?? [];
  const zoo = useResource<ZooList>('/zoo').value.data?.networks ?? [];
  const refusal = useSignal<string | null>(null);
  const busy = useSignal(false);
  const start = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    refusal.value = null;
    try {
      const request = requestOf(new FormData(event.currentTarget as HTMLFormElement));
      const { adaptation } = await sendJson<AdaptationAccepted>('POST', '/adaptations', request);
      location.hash = href(['adaptations', adaptation.id]);
    } catch (error) {
      refusal.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <Card title="Start one">
      <form class="card-body stack" onSubmit={start}>
        <label>
          <span>Device</span>
          <select name="device" required>
            {devices.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span>Network</span>
          <select name="zoo" defaultValue="mobilenet-v3-tiny">
            {zoo.map(({ name }) => (
              <option key={name} selected={name === 'mobilenet-v3-tiny'}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div class="form-grid">
          <label>
            <span>Width, ×</span>
            <input name="width" type="number" min="0.1" max="8" step="any" defaultValue="1" required />
          </label>
          <label>
            <span>Classes</span>
            <input name="classes" type="number" min="2" max="10000" defaultValue="10" required />
          </label>
        </div>
        <label>
          <span>Data set: mnist, or a folder of IDX files on the server</span>
          <input name="dataset" defaultValue="mnist" required />
        </label>
        <div class="form-grid">
          <label>
            <span>Size of its images, pixels</span>
            <input name="resolution" type="number" min="8" max="1024" defaultValue="28" required />
          </label>
          <label>
            <span>Channels: 1 grey, 3 colour</span>
            <input name="inputChannels" type="number" min="1" max="64" defaultValue="1" required />
          </label>
        </div>
        <fieldset class="budget">
          <legend>Budget</legend>
          <label class="inline">
            <input type="radio" name="kind" value="ratio" defaultChecked />
            <span>a share of the seed’s latency, %</span>
          </label>
          <label class="inline">
            <input type="radio" name="kind" value="ms" />
            <span>milliseconds</span>
          </label>
          <input
            aria-label="Budget"
            name="budget"
            type="number"
            min="0"
            step="any"
            defaultValue="60"
            required
          />
        </fieldset>
        <details>
          <summary>Further limits, % of the seed’s</summary>
          <div class="form-grid three">
            {COUNTS.map(({ name, text }) => (
              <label key={name}>
                <span>{text}</span>
                <input name={name} type="number" min="1" max="99" step="any" />
              </label>
            ))}
          </div>
          <div class="form-grid">
            <label>
              <span>Latency on</span>
              <select name="other">
                <option value="">no other device</option>
                {devices.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
            <label>
              <span>at most</span>
              <input name="otherShare" type="number" min="1" max="99" step="any" />
            </label>
          </div>
        </details>
        {refusal.value !== null && (
          <p class="notice bad" role="alert">
            {refusal.value}
          </p>
        )}
        <div>
          <button class="primary" type="submit" disabled={busy.value || devices.length === 0}>
            Start
          </button>
        </div>
      </form>
    </Card>
  );
}

function requestOf(form: FormData): AdaptationRequest {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const dataset = text('dataset');
  const budget = Number(text('budget'));
  const isMnist = dataset === 'mnist';
  return {
    device: text('device'),
    candidate: {
      zoo: text('zoo'),
      options: {
        width: Number(text('width')),
        classes: Number(text('classes')),
        resolution: Number(text('resolution')),
        inputChannels: Number(text('inputChannels')),
      },
    },
    dataset: isMnist ? { kind: 'mnist' } : { kind: 'idx', directory: dataset },
    budget: {
      ...(text('kind') === 'ms' ? { latencyMs: budget } : { ratio: budget / 100 }),
      ...furtherLimits(text),
    },
  };
}

function furtherLimits(text: (name: string) => string): Partial<Budget> {
  const ratioOf = (name: string) => ({ ratio: Number(text(name)) / 100 });
  const counts = COUNTS.filter(({ name }) => text(name) !== '').map(({ name }) => [name, ratioOf(name)]);
  const hasOther = text('other') !== '' && text('otherShare') !== '';
  return {
    ...(Object.fromEntries(counts) as Partial<Budget>),
    ...(hasOther ? { devices: { [text('other')]: ratioOf('otherShare') } } : {}),
  };
}
