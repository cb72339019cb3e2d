import { useSignal } from '@preact/signals';

/** Puts text on the clipboard; where there is none (an insecure origin), shows the text to be copied by hand. */
export function CopyButton({ text, children }: { readonly text: string; readonly children: string }) {
  const state = useSignal<'idle' | 'copied' | 'shown'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      state.value = 'copied';
      setTimeout(() => {
        state.value = 'idle';
      }, 1500);
    } catch {
      state.value = 'shown';
    }
  };
  return (
    <>
      <button type="button" onClick={copy}>
        {state.value === 'copied' ? 'Copied' : children}
      </button>
      {state.value === 'shown' && <pre class="command">{text}</pre>}
    </>
  );
}
