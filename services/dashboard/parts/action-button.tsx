import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

/** A button that does something at the service: off while that is under way, and saying why it was refused. */
export function ActionButton(props: {
  readonly act: () => Promise<unknown>;
  readonly children: ComponentChildren;
  readonly primary?: boolean;
  readonly disabled?: boolean;
}) {
  const busy = useSignal(false);
  const refusal = useSignal<string | null>(null);
  const run = async () => {
    busy.value = true;
    refusal.value = null;
    try {
      await props.act();
    } catch (error) {
      refusal.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <button
        type="button"
        class={props.primary === true ? 'primary' : ''}
        disabled={busy.value || props.disabled === true}
        onClick={run}
      >
        {props.children}
      </button>
      {refusal.value !== null && (
        <span class="small refusal" role="alert">
          {refusal.value}
        </span>
      )}
    </>
  );
}
