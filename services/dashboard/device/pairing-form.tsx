import { useSignal } from '@preact/signals';
import type { PairedDevice } from '../../../contracts/http/pairing.js';
import { sendJson } from '../api/client.js';
import type { Credentials } from './credentials.js';
import { GPU_WORDS, gpuState } from './gpu-adapter.js';
import { WEB_RUNTIMES, type WebRuntimeId } from './worker-message.js';

/** The package whose wasm can use several threads under our policy: tfjs starts its threads from text. */
const THREADED: WebRuntimeId = 'onnxruntime-web/wasm';

function threadWords(runtime: WebRuntimeId, most: number): string {
  if (runtime !== THREADED) return 'This runtime measures on one.';
  if (!self.crossOriginIsolated) return 'One: browsers give more to pages over HTTPS only.';
  return most === 1 ? 'This device has one core.' : `Up to ${most}. One makes figures comparable.`;
}

/** Exchanges a code for a token of this device. The code comes after `#`, which browsers send to nobody. */
export function PairingForm({ onPaired }: { readonly onPaired: (credentials: Credentials) => void }) {
  const code = useSignal(location.hash.slice(1));
  const device = useSignal(suggestedName());
  const runtime = useSignal<WebRuntimeId>('onnxruntime-web/wasm');
  const refusal = useSignal<string | null>(null);
  const busy = useSignal(false);
  const threads = useSignal(1);
  const mostThreads = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const canChoose = mostThreads > 1 && runtime.value === THREADED;
  const pair = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    refusal.value = null;
    try {
      const body = { code: code.value.trim(), device: device.value.trim() };
      const paired = await sendJson<PairedDevice>('POST', '/pairings/claim', body);
      // Used up: it has no place in the address any more.
      history.replaceState(null, '', location.pathname);
      onPaired({
        device: paired.device,
        token: paired.token,
        runtime: runtime.value,
        threads: canChoose ? threads.value : 1,
      });
    } catch (error) {
      refusal.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card-body stack" onSubmit={pair}>
      <label>
        <span>Code</span>
        <input
          class="mono"
          required
          autocomplete="off"
          autocapitalize="characters"
          placeholder="ABCD-EFGH"
          value={code}
          onInput={(event) => {
            code.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        <span>Name of the device</span>
        <input
          required
          pattern="[a-z0-9][a-z0-9._\-]*"
          maxLength={64}
          title="small letters, digits, dots and dashes"
          value={device}
          onInput={(event) => {
            device.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        <span>Measure with</span>
        <select
          value={runtime}
          onChange={(event) => {
            runtime.value = event.currentTarget.value as WebRuntimeId;
          }}
        >
          {WEB_RUNTIMES.map(({ id, name, backend }) => {
            const lacks = backend === 'webgpu' && gpuState.value !== 'there';
            return (
              <option key={id} value={id} disabled={lacks}>
                {lacks ? `${name}: ${GPU_WORDS[gpuState.value]}` : name}
              </option>
            );
          })}
        </select>
      </label>
      <label>
        <span>Threads</span>
        <input
          type="number"
          min={1}
          max={mostThreads}
          disabled={!canChoose}
          value={canChoose ? threads.value : 1}
          onChange={(event) => {
            threads.value = event.currentTarget.valueAsNumber;
          }}
        />
        <small class="soft">{threadWords(runtime.value, mostThreads)}</small>
      </label>
      {refusal.value !== null && (
        <p class="notice bad" role="alert">
          {refusal.value}
        </p>
      )}
      <div>
        <button class="primary" type="submit" disabled={busy.value}>
          Pair
        </button>
      </div>
      <p class="small soft">
        A code comes from the dashboard (Devices, Add a browser) and works once, within ten minutes.
      </p>
    </form>
  );
}

/** `chrome-linux-4f2a`: what it is, and something that tells two of them apart. */
function suggestedName(): string {
  const agent = navigator.userAgent;
  const browser = /Firefox/.test(agent)
    ? 'firefox'
    : /Edg/.test(agent)
      ? 'edge'
      : /Chrom/.test(agent)
        ? 'chrome'
        : 'safari';
  const system = /Android/.test(agent)
    ? 'android'
    : /iPhone|iPad/.test(agent)
      ? 'ios'
      : /Mac/.test(agent)
        ? 'mac'
        : /Windows/.test(agent)
          ? 'windows'
          : 'linux';
  const suffix = [...crypto.getRandomValues(new Uint8Array(2))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return `${browser}-${system}-${suffix}`;
}
