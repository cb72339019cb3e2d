import type { MeasureResult } from '../../../../contracts/job.js';
import { Latency } from '../../parts/latency.js';

/** What comes before the latency in a network's life, and what a shared machine adds to it. */
export function LifeFacts({ result }: { readonly result: MeasureResult }) {
  const network = result.networks.find(({ failure }) => failure === null);
  if (network === undefined) return null;
  const facts = [
    ['Opening', network.openMs],
    ['First run', network.firstMs],
    ['With interruptions', network.typicalMs],
  ] as const;
  return (
    <>
      {facts.map(([name, latencyMs]) =>
        latencyMs == null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Latency latencyMs={latencyMs} />
            </dd>
          </div>
        ),
      )}
    </>
  );
}
