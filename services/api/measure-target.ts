import type { DTypeName } from '../../contracts/environment.js';
import type { AnyDevice, MeasureRequest } from '../../contracts/http/measure.js';
import { LutraError } from '../../core/errors.js';
import type { DeviceRepository } from '../../db/repositories/devices.js';
import { deviceQueue, environmentQueue, labelQueue } from '../lease/queue-names.js';

/** Where a job is to be measured. */
export interface MeasureTarget {
  readonly queue: string;
  /** Null: whichever device of the class claims it. */
  readonly device: string | null;
  /** The ops of its network are named in it. */
  readonly dtype: DTypeName;
}

/**
 * What `device`, `devices` or `anyDevice` of a request stand for.
 * @throws LutraError `invalid-request` unless it is exactly one of them, `unknown-device`
 */
export function measureTargets(
  devices: DeviceRepository,
  { device, devices: several, anyDevice }: MeasureRequest,
): readonly MeasureTarget[] {
  const given = [device, several, anyDevice].filter((target) => target !== undefined).length;
  if (given === 0) throw refused('/device', 'is missing (or devices, or anyDevice)');
  if (given > 1) throw refused('', 'expected one of device, devices and anyDevice');
  if (anyDevice !== undefined) return [targetOfClass(devices, anyDevice)];
  if (device !== undefined) return [targetOfDevice(devices, device, '/device')];
  return several!.map((name, i) => targetOfDevice(devices, name, `/devices/${i}`));
}

function targetOfDevice(devices: DeviceRepository, name: string, pointer: string): MeasureTarget {
  const { dtype } = known(devices, name, pointer).options;
  return { queue: deviceQueue(name), device: name, dtype };
}

function targetOfClass(devices: DeviceRepository, wanted: AnyDevice): MeasureTarget {
  if ('label' in wanted) {
    const { label, dtype = 'float32' } = wanted;
    return { queue: labelQueue(label, dtype), device: null, dtype };
  }
  const { environmentHash, options } = known(devices, wanted.like, '/anyDevice/like');
  if (environmentHash === null) {
    throw new LutraError('conflict', `device '${wanted.like}' was not described by a worker yet`, {
      pointer: '/anyDevice/like',
    });
  }
  return { queue: environmentQueue(environmentHash), device: null, dtype: options.dtype };
}

function known(devices: DeviceRepository, name: string, pointer: string) {
  const device = devices.find(name);
  if (device !== undefined) return device;
  throw new LutraError('unknown-device', `no device named '${name}' is registered`, { pointer });
}

function refused(pointer: string, detail: string): LutraError {
  return new LutraError('invalid-request', `${pointer === '' ? 'the body' : pointer}: ${detail}`, {
    pointer,
  });
}
