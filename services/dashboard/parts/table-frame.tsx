import type { ComponentChildren } from 'preact';

/** Lets a table that is wider than the page scroll by itself, by keyboard too. */
export function TableFrame({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-frame" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
