import { OP_FAMILY_NAMES, opFamily } from '../../../charts/op-family.js';

/** An op: its family in words, its key for whoever wants to know exactly. */
export function OpKey({ opKey }: { readonly opKey: string }) {
  return (
    <span class="op-key">
      <i class={`swatch ${opFamily(opKey)}`} title={OP_FAMILY_NAMES[opFamily(opKey)]} />
      <code>{opKey}</code>
    </span>
  );
}
