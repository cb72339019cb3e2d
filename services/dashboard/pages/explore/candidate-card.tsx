import { useSignal } from '@preact/signals';
import type { Candidate } from '../../../../contracts/candidate.js';
import type { ZooNetworkView } from '../../../../contracts/http/zoo-view.js';
import { Card } from '../../parts/card.js';

type Options = Readonly<Record<string, number>>;

/** Round figures to stop at; what the zoo allows is wider than what anyone tries. */
const RANGES: Readonly<
  Record<string, { readonly min: number; readonly max: number; readonly step: number }>
> = {
  width: { min: 0.25, max: 1.5, step: 0.05 },
  resolution: { min: 32, max: 256, step: 32 },
};

/** Which network: one of the zoo with its options on sliders, or a document. */
export function CandidateCard(props: {
  readonly zoo: readonly ZooNetworkView[];
  readonly candidate: Candidate;
  readonly refusal: string | null;
  readonly onChange: (candidate: Candidate) => void;
}) {
  const { zoo, candidate, onChange } = props;
  const pasted = useSignal('');
  const pasteError = useSignal<string | null>(null);
  const isZoo = 'zoo' in candidate;
  const entry = isZoo ? zoo.find(({ name }) => name === candidate.zoo) : undefined;
  const options = (isZoo ? (candidate.options ?? {}) : {}) as Options;
  const paste = (text: string) => {
    pasted.value = text;
    try {
      const document: unknown = JSON.parse(text);
      pasteError.value = null;
      onChange({ network: document });
    } catch (error) {
      pasteError.value = text.trim() === '' ? null : (error as Error).message;
    }
  };
  return (
    <Card title="Network">
      <div class="card-body stack">
        <label>
          <span>From</span>
          <select
            value={isZoo ? candidate.zoo : ''}
            onChange={(event) => {
              const name = event.currentTarget.value;
              if (name === '') onChange({ network: {} });
              else
                onChange({
                  zoo: name,
                  options: keep(
                    options,
                    zoo.find((one) => one.name === name),
                  ),
                });
            }}
          >
            {zoo.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            <option value="">a pasted document</option>
          </select>
        </label>
        {isZoo &&
          entry !== undefined &&
          Object.entries(entry.options).map(([name, option]) => {
            const range = RANGES[name];
            const value = options[name] ?? option.default;
            const set = (next: number) =>
              onChange({ zoo: candidate.zoo, options: { ...options, [name]: next } });
            if (range === undefined) {
              return (
                <label key={name}>
                  <span>{words(name)}</span>
                  <input
                    type="number"
                    min={option.minimum}
                    max={option.maximum}
                    step={option.type === 'integer' ? 1 : 'any'}
                    value={value}
                    onChange={(event) => set(Number(event.currentTarget.value))}
                  />
                </label>
              );
            }
            return (
              <label key={name}>
                {/* No <output>: a label would name that instead of the slider. */}
                <span class="slider-label">
                  {words(name)} <b>{name === 'width' ? `× ${Number(value.toFixed(2))}` : `${value} px`}</b>
                </span>
                <input
                  type="range"
                  min={Math.max(range.min, option.minimum)}
                  max={Math.min(range.max, option.maximum)}
                  step={range.step}
                  value={value}
                  onInput={(event) => set(Number(event.currentTarget.value))}
                />
              </label>
            );
          })}
        {!isZoo && (
          <label>
            <span>Network document (JSON), as GET /adaptations/…/network answers</span>
            <textarea
              rows={10}
              spellcheck={false}
              value={pasted}
              onInput={(event) => paste(event.currentTarget.value)}
            />
          </label>
        )}
        {(pasteError.value ?? (isZoo || pasted.value !== '' ? props.refusal : null)) !== null && (
          <p class="notice bad" role="alert">
            {pasteError.value ?? props.refusal}
          </p>
        )}
      </div>
    </Card>
  );
}

/** Options that the other network has too. */
function keep(options: Options, entry: ZooNetworkView | undefined): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => entry !== undefined && name in entry.options),
  );
}

function words(name: string): string {
  return name
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^./, (letter) => letter.toUpperCase());
}
