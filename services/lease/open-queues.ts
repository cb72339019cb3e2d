import type { Database } from '../../db/open-database.js';
import { DeviceRepository, type DeviceRow } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { Capabilities } from './capabilities.js';
import { deviceQueue, environmentQueue, labelQueue, trainQueue } from './queue-names.js';

const MNIST = { kind: 'mnist' } as const;

/**
 * The queues that a worker may claim from *now*: those of its device and of the classes that the device belongs to,
 * none while it is drained or in quarantine; and those of the data sets that it has.
 */
export function openQueues(db: Database, { device, hasDataset }: Capabilities): readonly string[] {
  const row = device === null ? undefined : new DeviceRepository(db).find(device);
  return [
    ...(row === undefined ? [] : queuesOfDevice(row)),
    ...(hasDataset === null ? [] : queuesOfTrainer(db, hasDataset)),
  ];
}

function queuesOfDevice({
  name,
  state,
  quarantine,
  labels,
  options,
  environmentHash,
}: DeviceRow): readonly string[] {
  if (state !== 'active' || quarantine !== null) return [];
  return [
    deviceQueue(name),
    ...labels.map((label) => labelQueue(label, options.dtype)),
    ...(environmentHash === null ? [] : [environmentQueue(environmentHash)]),
  ];
}

function queuesOfTrainer(
  db: Database,
  hasDataset: NonNullable<Capabilities['hasDataset']>,
): readonly string[] {
  const others = new JobRepository(db).trainingQueues().filter(({ dataset }) => hasDataset(dataset));
  const asked = new Set(others.map(({ queue }) => queue));
  if (hasDataset(MNIST)) asked.add(trainQueue(MNIST));
  return [...asked];
}
