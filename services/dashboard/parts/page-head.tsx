import type { ComponentChildren } from 'preact';

export function PageHead(props: {
  readonly crumb?: ComponentChildren;
  readonly title: string;
  readonly beside?: ComponentChildren;
  readonly actions?: ComponentChildren;
}) {
  return (
    <div class="page-head">
      <div>
        {props.crumb !== undefined && <p class="crumb">{props.crumb}</p>}
        <h1>{props.title}</h1>
        {props.beside !== undefined && <p class="beside">{props.beside}</p>}
      </div>
      {props.actions !== undefined && <div class="actions">{props.actions}</div>}
    </div>
  );
}
