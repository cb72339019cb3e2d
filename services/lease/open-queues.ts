import type { DatasetSpec, TrainerName } from '../../contracts/job.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository, type DeviceRow } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { Capabilities } from './capabilities.js';
import { deviceQueue, environmentQueue, labelQueue, trainQueue } from './queue-names.js';

const MNIST = { kind: 'mnist' } as const;
const DEFAULT_ENGINES: readonly TrainerName[] = ['onnxruntime'];

/** Jobs that wait for a trainer, and why it is not this one. */
export interface UntrainableQueue {
  readonly queue: string;
  readonly because: string;
}

/**
 * The queues that a worker may claim from *now*: those of its device and of the classes that the device belongs to,
 * none while it is drained or in quarantine; and those of the data sets that it has.
 */
export function openQueues(db: Database, capabilities: Capabilities): readonly string[] {
  const { device } = capabilities;
  const row = device === null ? undefined : new DeviceRepository(db).find(device);
  return [...(row === undefined ? [] : queuesOfDevice(row)), ...queuesOfTrainer(db, capabilities)];
}

/** What waits for a trainer that has more than this one. */
export function untrainableQueues(db: Database, capabilities: Capabilities): readonly UntrainableQueue[] {
  if (capabilities.hasDataset === null) return [];
  return new JobRepository(db).trainingQueues().flatMap(({ queue, ...job }) => {
    const because = lackOf(capabilities, job);
    return because === null ? [] : [{ queue, because }];
  });
}

interface Wanted {
  readonly dataset: DatasetSpec;
  readonly trainer: TrainerName;
}

function lackOf(
  { hasDataset, engines = DEFAULT_ENGINES }: Capabilities,
  { dataset, trainer }: Wanted,
): string | null {
  if (!engines.includes(trainer)) {
    const how = trainer === 'tfjs' ? ' (npm run tfjs-node on its machine)' : '';
    return `a trainer with the engine ${trainer}${how}`;
  }
  if (hasDataset?.(dataset)) return null;
  if (dataset.kind === 'mnist') return 'a trainer that has MNIST (lutra worker --role train --dataset mnist)';
  const { directory, sha256 } = dataset;
  const content = sha256 === undefined ? '' : ` with the content ${sha256.slice(0, 12)}…`;
  return `a trainer that has the data set ${directory}${content} (lutra worker --role train --dataset <its folder there>)`;
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

function queuesOfTrainer(db: Database, capabilities: Capabilities): readonly string[] {
  const { hasDataset, engines = DEFAULT_ENGINES } = capabilities;
  if (hasDataset === null) return [];
  const open = new JobRepository(db)
    .trainingQueues()
    .filter(({ dataset, trainer }) => engines.includes(trainer) && hasDataset(dataset));
  const asked = new Set(open.map(({ queue }) => queue));
  if (hasDataset(MNIST)) for (const engine of engines) asked.add(trainQueue(MNIST, engine));
  return [...asked];
}
