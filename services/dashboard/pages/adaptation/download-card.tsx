import { quantisedText } from '../../../../charts/text/quantised-text.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';

/** The networks of a run with their weights, for use elsewhere. */
export function DownloadCard({ run }: { readonly run: AdaptationView }) {
  const networks = [
    ...(run.final?.weights != null ? [{ name: 'Adapted network', query: 'which=final' }] : []),
    ...(run.seed?.weights != null ? [{ name: 'Seed', query: 'which=seed' }] : []),
    ...run.iterations.flatMap(({ index, network }) =>
      network?.weights == null
        ? []
        : [{ name: `Iteration ${index + 1}`, query: `which=iteration&index=${index}` }],
    ),
  ];
  const quantised = quantisedText(run.reach);
  return (
    <Card title="Download">
      {networks.length === 0 && (
        <Empty title="Nothing trained yet">Networks stand here with their weights.</Empty>
      )}
      {quantised !== null && networks.length > 0 && <p class="card-body row-note">{quantised}</p>}
      <ul class="rows">
        {networks.map(({ name, query }) => (
          <li key={query} class="row-head">
            <span>{name}</span>
            <span class="nowrap">
              <a href={`/adaptations/${run.id}/network?${query}&format=onnx`} download>
                ONNX
              </a>{' '}
              <a href={`/adaptations/${run.id}/network?${query}`} download={`${run.id}.json`}>
                JSON
              </a>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
