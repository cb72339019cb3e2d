import { useSignal } from '@preact/signals';
import { encode } from 'uqr';
import { duration } from '../../../../charts/text/figures.js';
import type { Pairing } from '../../../../contracts/http/pairing.js';
import { sendJson } from '../../api/client.js';
import { nowMs } from '../../api/clock.js';
import { ActionButton } from '../../parts/action-button.js';
import { Card } from '../../parts/card.js';
import { CopyButton } from '../../parts/copy-button.js';

/** Two ways: a worker on a machine, or a page in a browser that is paired by a code. */
export function AddDeviceCard() {
  const pairing = useSignal<Pairing | null>(null);
  const isSecure = location.protocol === 'https:';
  const trust = isSecure ? ' --ca certificate.pem' : '';
  const command = `lutra worker --server ${location.origin} --device my-board${trust}`;
  return (
    <div class="stack">
      <Card title="Add a browser">
        <div class="card-body stack">
          <p class="small soft">
            A phone, a tablet or another computer: opened there, the page measures in that browser. The code
            works once, within ten minutes.
          </p>
          {pairing.value === null ? (
            <div>
              <ActionButton
                primary
                act={async () => {
                  pairing.value = await sendJson<Pairing>('POST', '/pairings');
                }}
              >
                Make a code
              </ActionButton>
            </div>
          ) : (
            <PairingCode
              pairing={pairing.value}
              onAgain={() => {
                pairing.value = null;
              }}
            />
          )}
        </div>
      </Card>
      <Card title="Add a machine">
        <div class="card-body stack">
          <p class="small soft">
            This machine measures as soon as <code>lutra serve</code> runs. On another one, with a token of
            scope device:
          </p>
          <pre class="command">{command}</pre>
          {isSecure && (
            <p class="small soft">
              <code>certificate.pem</code> lies in <code>tls</code> of the data folder of{' '}
              <code>lutra serve --https</code>: copy it there. Where a proxy shows a certificate that every
              machine trusts, leave <code>--ca</code> out.
            </p>
          )}
          <div>
            <CopyButton text={command}>Copy</CopyButton>
          </div>
        </div>
      </Card>
    </div>
  );
}

function PairingCode({ pairing, onAgain }: { readonly pairing: Pairing; readonly onAgain: () => void }) {
  const leftMs = pairing.expiresAtMs - nowMs.value;
  const url = `${location.origin}/device#${pairing.code}`;
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  if (leftMs <= 0) {
    return (
      <div class="stack">
        <p class="soft">The code has expired.</p>
        <div>
          <button type="button" onClick={onAgain}>
            Make another
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="stack">
      <QrCode text={url} />
      <p class="pairing-code">{pairing.code}</p>
      <p class="small">
        <a href={url} target="_blank" rel="noreferrer">
          {url}
        </a>
      </p>
      <p class="small soft">
        {duration(leftMs)} left.{' '}
        {isHere &&
          'This address is this machine’s own: for a phone, start lutra serve --host with an address of the network, and --https.'}
      </p>
      <div class="actions">
        <CopyButton text={url}>Copy the address</CopyButton>
        <button type="button" onClick={onAgain}>
          Done
        </button>
      </div>
    </div>
  );
}

const QUIET_MODULES = 2;

/** Dark on light in both schemes: not every camera reads the other way round. */
function QrCode({ text }: { readonly text: string }) {
  const { data, size } = encode(text, { border: QUIET_MODULES });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={`QR code of ${text}`}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
