import type { Environment } from '../../contracts/environment.js';
import type { DeviceRegistration, DeviceView } from '../../contracts/http/device-view.js';
import type { DatasetSpec } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { RuntimeChoice } from '../../runtimes/create-runtime.js';
import { ApiConnection } from '../lease/api-connection.js';
import { HttpLeaseSource } from '../lease/http-lease-source.js';
import type { Home, HomeOptions } from './home.js';

/** Which api, and what this machine is to it. */
export interface RemoteOptions extends HomeOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly registration: DeviceRegistration;
  /** Data sets at hand, to train on. */
  readonly datasets: readonly DatasetSpec[];
}

/** A worker that reaches nothing but the api. It registers its device; where the token may not, the device must be there. */
export function openRemoteHome(options: RemoteOptions, stop: AbortSignal): Home {
  const { url, token, device, worker, leaseMs, registration, datasets } = options;
  // A renewal that hangs must not use up the lease: two of them fit.
  const api = new ApiConnection(url, token, leaseMs / 2);
  return {
    pollMs: 0,
    deviceChoice: async (): Promise<RuntimeChoice> => {
      const view = await registered(api, registration);
      return {
        runtime: view.runtime,
        threads: view.threads,
        dtype: view.dtype,
        runtimeOptions: registration.runtimeOptions,
      };
    },
    setEnvironment: async (environment: Environment) => {
      await api.json('PUT', `/devices/${device}/environment`, { body: environment });
    },
    source: (capabilities) =>
      new HttpLeaseSource(
        api,
        {
          worker,
          leaseMs,
          ...(capabilities.device === null ? {} : { device: capabilities.device }),
          ...(capabilities.hasDataset === null ? {} : { datasets: [...datasets] }),
          ...(capabilities.engines === undefined ? {} : { trainers: [...capabilities.engines] }),
        },
        stop,
      ),
    close: async () => undefined,
  };
}

async function registered(api: ApiConnection, registration: DeviceRegistration): Promise<DeviceView> {
  try {
    return await api.json<DeviceView>('POST', '/devices', { body: registration });
  } catch (error) {
    if (!(error instanceof LutraError) || error.code !== 'forbidden') throw error;
    // A device that someone else registered will do; where there is none, the refusal is the reason.
    const known = api.json<DeviceView>('GET', `/devices/${registration.name}`);
    return known.catch((missing: unknown) => {
      throw missing instanceof LutraError && missing.code === 'unknown-device' ? error : missing;
    });
  }
}
