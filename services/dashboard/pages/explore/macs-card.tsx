import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type MacsPoint, macsChart } from '../../../../charts/scatter-chart.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { Candidate } from '../../../../contracts/candidate.js';
import type { EstimateAnswer } from '../../../../contracts/http/estimate.js';
import type { ZooNetworkView } from '../../../../contracts/http/zoo-view.js';
import { countMacs } from '../../../../core/network/macs.js';
import { buildZooNetwork } from '../../../../core/zoo/zoo.js';
import { sendJson } from '../../api/client.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { Empty } from '../../parts/empty.js';

const WIDTHS = [0.25, 0.35, 0.5, 0.6, 0.75, 0.85, 1, 1.25, 1.5];
const RESOLUTIONS = [32, 64, 96, 128, 160, 192, 224];

/** MACs against latency over the whole family, those variants that the tables know. */
export function MacsCard(props: {
  readonly devices: readonly string[];
  readonly candidate: Extract<Candidate, { readonly zoo: string }>;
  readonly zoo: readonly ZooNetworkView[];
}) {
  const points = useSignal<readonly MacsPoint[]>([]);
  const { zoo: name, options } = props.candidate;
  const key = JSON.stringify([name, options, props.devices, props.zoo.length]);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      const chosen = (options ?? {}) as Readonly<Record<string, number>>;
      const variants = variantsOf(name, chosen, props.zoo);
      if (variants.length === 0) return;
      const devices = props.devices.slice(0, 4);
      const candidates = variants.map(({ options }) => ({ zoo: name, options }));
      const answer = await sendJson<EstimateAnswer>(
        'POST',
        '/estimate',
        { devices, candidates, ops: false },
        ended.signal,
      );
      points.value = answer.estimates.flatMap(({ device, candidate, latencyMs }) => {
        const variant = variants[candidate]!;
        if (latencyMs === null) return [];
        const isChosen =
          variant.options.width === chosen.width && variant.options.resolution === chosen.resolution;
        const title = `${device}: ×${variant.options.width}, ${variant.options.resolution} px\n${(variant.macs / 1e6).toFixed(1)} M MACs, ${latencyUnit(latencyMs).format(latencyMs)}`;
        return [{ macs: variant.macs, latencyMs, title, chosen: isChosen, series: devices.indexOf(device) }];
      });
    }, 250);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [key]);
  const unit = latencyUnit(Math.max(0, ...points.value.map(({ latencyMs }) => latencyMs)));
  const shown = new Set(points.value.map(({ series }) => series));
  return (
    <Card title="MACs against latency" aside={`${name}, every width and resolution that the tables know`}>
      {points.value.length < 2 ? (
        <Empty title="The tables know too few variants">
          Measure the network at several widths, and where MACs mislead shows here.
        </Empty>
      ) : (
        <div class="card-body">
          <Chart
            draw={(size) => macsChart(points.value, unit, size)}
            legend={
              <Legend
                items={[...shown].map((series) => ({
                  mark: `macs-point series-${series}`,
                  shape: 'dot',
                  text: props.devices[series] ?? '',
                }))}
              />
            }
          />
        </div>
      )}
    </Card>
  );
}

interface Variant {
  readonly options: Readonly<Record<string, number>>;
  readonly macs: number;
}

function variantsOf(
  name: string,
  chosen: Readonly<Record<string, number>>,
  zoo: readonly ZooNetworkView[],
): readonly Variant[] {
  const entry = zoo.find((one) => one.name === name);
  if (entry === undefined) return [];
  const allowed = (option: string, values: readonly number[], now: number | undefined) => {
    const limits = entry.options[option];
    if (limits === undefined) return [undefined];
    const all = [...new Set([...values, ...(now === undefined ? [] : [now])])];
    return all.filter((value) => value >= limits.minimum && value <= limits.maximum);
  };
  return allowed('width', WIDTHS, chosen.width).flatMap((width) =>
    allowed('resolution', RESOLUTIONS, chosen.resolution).flatMap((resolution) => {
      const options = {
        ...chosen,
        ...(width === undefined ? {} : { width }),
        ...(resolution === undefined ? {} : { resolution }),
      };
      const macs = macsOf(name, options);
      return macs === null ? [] : [{ options, macs }];
    }),
  );
}

const known = new Map<string, number | null>();

/** Counted once: a slider asks for the same variants over and over. Null: the options allow no network at that size. */
function macsOf(name: string, options: Readonly<Record<string, number>>): number | null {
  const key = JSON.stringify([name, options]);
  const found = known.get(key);
  if (found !== undefined) return found;
  let macs: number | null = null;
  try {
    macs = countMacs(buildZooNetwork(name, options));
  } catch {
    // Stays null.
  }
  known.set(key, macs);
  return macs;
}
