import type { CommandContext } from '../context.js';

/** Keys of all ops that a device's table has. */
export async function knownOps({ client }: CommandContext, device: string): Promise<ReadonlySet<string>> {
  const response = await client.request('GET', '/latency-table', {
    query: { device, format: 'ndjson' },
    headers: { accept: 'application/x-ndjson' },
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return new Set(lines.map((line) => (JSON.parse(line) as { readonly key: string }).key));
}
