import { Type } from 'typebox';
import { Environment } from '../../../contracts/environment.js';
import {
  DeviceEnvironments,
  DeviceList,
  DeviceRegistration,
  DeviceView,
} from '../../../contracts/http/device-view.js';
import { NoiseCheckAccepted } from '../../../contracts/http/noise-check.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import type { DeviceRow } from '../../../db/repositories/devices.js';
import { EnvironmentRepository } from '../../../db/repositories/environments.js';
import { checkRuntimeLimits } from '../../../runtimes/runtime-limits.js';
import { holdToDevice } from '../../lease/hold-to-device.js';
import { submitNoiseCheck } from '../../lease/noise-check.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { deviceView } from '../device-view.js';
import { jobViews } from '../job-view.js';
import { requireDevice } from '../security/require-device.js';

const DeviceId = Type.Object({ name: Type.String() });

export function deviceRoutes(api: Api, context: ApiContext): void {
  const { devices } = context;
  const known = (name: string): DeviceRow => {
    const device = devices.find(name);
    if (device !== undefined) return device;
    throw new LutraError('unknown-device', `no device named '${name}' is registered`);
  };

  api.get(
    '/devices',
    {
      config: { scope: ['read', 'device'] },
      schema: { tags: ['devices'], summary: 'Devices, by name', response: { 200: DeviceList } },
    },
    async (): Promise<DeviceList> => {
      const depths = context.jobs.depths();
      return { devices: devices.list().map((device) => deviceView(context, device, depths)) };
    },
  );

  api.post(
    '/devices',
    {
      config: { scope: ['admin', 'device'] },
      schema: {
        tags: ['devices'],
        summary: 'Register a device, or give a known one other options',
        body: DeviceRegistration,
        response: { 200: DeviceView, 201: DeviceView, '4xx': Problem },
      },
    },
    async (request, reply): Promise<DeviceView> => {
      const { name, runtime, threads = 1, dtype = 'float32', runtimeOptions, labels } = request.body;
      requireDevice(request.principal, name);
      checkRuntimeLimits({ runtime, threads, dtype });
      reply.code(devices.find(name) === undefined ? 201 : 200).header('location', `/devices/${name}`);
      const options = { threads, dtype, ...(runtimeOptions === undefined ? {} : { runtimeOptions }) };
      const device = devices.register({ name, runtime, options });
      return deviceView(context, labels === undefined ? device : devices.setLabels(name, labels));
    },
  );

  api.get(
    '/devices/:name',
    {
      config: { scope: ['read', 'device'] },
      schema: {
        tags: ['devices'],
        summary: 'A device: environment, queue, health',
        params: DeviceId,
        response: { 200: DeviceView, 404: Problem },
      },
    },
    async (request): Promise<DeviceView> => deviceView(context, known(request.params.name)),
  );

  api.get(
    '/devices/:name/environments',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['devices'],
        summary: 'What a device was whenever it was measured; each environment has a table of its own',
        params: DeviceId,
        response: { 200: DeviceEnvironments, 404: Problem },
      },
    },
    async (request): Promise<DeviceEnvironments> => {
      const { id, name, environmentHash } = known(request.params.name);
      const environments = new EnvironmentRepository(context.db).ofDevice(id);
      return {
        device: name,
        environments: environments.map(({ id: _, entries, ...rest }) => ({
          ...rest,
          current: rest.hash === environmentHash,
          entryCount: entries,
        })),
      };
    },
  );

  api.put(
    '/devices/:name/environment',
    {
      config: { scope: 'device' },
      schema: {
        tags: ['devices'],
        summary: 'Say what the device is: the facts that its latencies depend on',
        description: 'From its worker, at every start. Equal facts share a table.',
        params: DeviceId,
        body: Environment,
        response: { 200: DeviceView, '4xx': Problem },
      },
    },
    async (request): Promise<DeviceView> => {
      requireDevice(request.principal, request.params.name);
      const device = known(request.params.name);
      holdToDevice(request.body, device, '');
      devices.setEnvironment(device.name, request.body);
      return deviceView(context, known(device.name));
    },
  );

  const stateRoute = (action: 'drain' | 'resume', summary: string): void => {
    api.post(
      `/devices/:name/${action}`,
      {
        config: { scope: 'admin' },
        schema: {
          tags: ['devices'],
          summary,
          params: DeviceId,
          response: { 200: DeviceView, 404: Problem },
        },
      },
      async (request): Promise<DeviceView> => {
        const { name } = known(request.params.name);
        return deviceView(context, devices[action](name));
      },
    );
  };
  api.post(
    '/devices/:name/noise-check',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['devices'],
        summary: 'Measure a device’s noise floor: the same networks in two sessions',
        description:
          'An idle device does this by itself once a day. Two jobs; the second to end yields the floor.',
        params: DeviceId,
        response: { 202: NoiseCheckAccepted, 404: Problem },
      },
    },
    async (request, reply): Promise<NoiseCheckAccepted> => {
      const { name } = known(request.params.name);
      const jobs = await submitNoiseCheck(context.db, context.queue, name, 0, request.principal?.name);
      reply.code(202);
      return { jobs: jobViews(context, jobs) };
    },
  );

  stateRoute('drain', 'Let a device finish what it holds and take nothing more');
  stateRoute('resume', 'Let a drained device, or one in quarantine, take jobs again');
}
