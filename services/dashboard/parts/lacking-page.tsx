import { Failure } from './failure.js';
import { PageHead } from './page-head.js';

/** Instead of a page whose subject could not be read. */
export function LackingPage({ title, error }: { readonly title: string; readonly error: Error | null }) {
  if (error === null) return null;
  return (
    <>
      <PageHead title={title} />
      <Failure error={error} />
    </>
  );
}
