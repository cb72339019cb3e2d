import type { ComponentChildren } from 'preact';
import { REACHABLE } from './reachable.js';

/** Lets a table that is wider than the page scroll by itself, by keyboard too. */
export function TableFrame({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="table-frame" {...REACHABLE} aria-label={label}>
      {children}
    </section>
  );
}
