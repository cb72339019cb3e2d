import { signal } from '@preact/signals';
import { Card } from '../parts/card.js';
import { Mark } from '../parts/mark.js';
import { type Credentials, readCredentials, storeCredentials } from './credentials.js';
import { runAgent } from './device-agent.js';
import { findGpu, gpuState } from './gpu-adapter.js';
import { PairingForm } from './pairing-form.js';
import { WorkCards } from './work-cards.js';

const credentials = signal<Credentials | null>(readCredentials());
if (credentials.value !== null) void runAgent(credentials.value);

void findGpu().then((found) => {
  gpuState.value = found;
});

/** Turns the browser that it is opened in into a device. */
export function DevicePage() {
  const known = credentials.value;
  return (
    <>
      <header class="bar">
        <div class="bar-inner">
          <span class="brand">
            <Mark />
            Lutra
          </span>
        </div>
      </header>
      <main class="narrow">
        <div class="page-head">
          <div>
            <h1>{known === null ? 'Make this browser a device' : known.device}</h1>
            <p class="beside">
              {known === null
                ? 'Networks will be measured here, on this processor, while the page is open.'
                : 'This browser measures while the page is open and in sight.'}
            </p>
          </div>
        </div>
        {known === null ? (
          <Card title="Pair">
            <PairingForm
              onPaired={(paired) => {
                storeCredentials(paired);
                credentials.value = paired;
                void runAgent(paired);
              }}
            />
          </Card>
        ) : (
          <WorkCards
            credentials={known}
            onForget={() => {
              storeCredentials(null);
              location.reload();
            }}
          />
        )}
      </main>
    </>
  );
}
