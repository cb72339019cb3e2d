import { signal } from '@preact/signals';

/** `absent`: the browser has no WebGPU, or not on this origin. `none`: it has, and no adapter behind it. */
export type GpuState = 'looking' | 'absent' | 'none' | 'there';

export const gpuState = signal<GpuState>('looking');

export const GPU_WORDS: Readonly<Record<GpuState, string>> = {
  looking: '…',
  absent: 'not offered by this browser here',
  none: 'no adapter',
  there: 'an adapter is there',
};

/** What WebGPU needs of a browser; TypeScript's DOM does not know it yet. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/** Looks for a WebGPU adapter. An API without an adapter measures nothing. Works in pages and in workers. */
export async function findGpu(): Promise<GpuState> {
  const { gpu } = navigator as Navigator & { readonly gpu?: Gpu };
  if (gpu === undefined) return 'absent';
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null ? 'none' : 'there';
}
