import type { DTypeName, RuntimeName } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import { checkRuntimeLimits, RUNTIME_NAMES } from '../../runtimes/runtime-limits.js';

/** A device that this machine is: its processor under one runtime, element type and number of threads. */
export interface LocalDevice {
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly threads: number;
  readonly dtype: DTypeName;
  readonly runtimeOptions?: Readonly<Record<string, unknown>>;
}

/** What a device has that does not say otherwise. */
export type LocalDeviceDefaults = Omit<LocalDevice, 'name' | 'runtime'> & { readonly runtime: string };

const LOCAL_RUNTIMES = RUNTIME_NAMES.filter((name) => !name.endsWith('-web'));
const THREADS = /^[1-9]\d{0,2}$/;

/**
 * Reads `name[:runtime][:dtype][:threads]`, e.g. `local`, `wasm:tfjs-wasm`, `q8:onnxruntime:int8`, `two:2`.
 * @throws LutraError `invalid-request` naming the part
 */
export function parseLocalDevice(text: string, defaults: LocalDeviceDefaults): LocalDevice {
  const [name = '', ...parts] = text.split(':');
  let { runtime, threads, dtype } = defaults;
  for (const part of parts) {
    if (part === 'float32' || part === 'int8') dtype = part;
    else if (THREADS.test(part)) threads = Number(part);
    else runtime = part;
  }
  const device = { ...defaults, name, runtime: localRuntime(runtime, text), threads, dtype };
  checkRuntimeLimits(device);
  return device;
}

function localRuntime(name: string, text: string): RuntimeName {
  const found = LOCAL_RUNTIMES.find((runtime) => runtime === name);
  if (found !== undefined) return found;
  throw new LutraError(
    'invalid-request',
    `device ${text}: expected a runtime (${LOCAL_RUNTIMES.join(', ')}), int8, float32 or a number of threads, got '${name}'`,
    { pointer: '/runtime' },
  );
}
