/** Why something that was asked for is not shown. */
export function Failure({ error }: { readonly error: Error }) {
  const unreachable = error instanceof TypeError;
  return (
    <p class="notice bad" role="alert">
      {unreachable ? 'The service does not answer. Is lutra serve running?' : error.message}
    </p>
  );
}
