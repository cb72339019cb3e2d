import type { Environment } from '../../contracts/environment.js';
import type { RuntimeChoice } from '../../runtimes/create-runtime.js';
import type { Capabilities } from '../lease/capabilities.js';
import type { LeaseSource } from '../lease/lease-source.js';

/** Where a worker belongs: a data directory on this machine, or an api somewhere. */
export interface Home {
  /** How the device is to be opened. */
  deviceChoice(): Promise<RuntimeChoice>;
  /** Says what the device was found to be. */
  setEnvironment(environment: Environment): Promise<void>;
  source(capabilities: Capabilities): LeaseSource;
  /** Pause between two claims that found nothing. */
  readonly pollMs: number;
  close(): Promise<void>;
}

/** What both kinds of home are told. */
export interface HomeOptions {
  readonly device: string;
  /** Name of the worker, for people. */
  readonly worker: string;
  readonly leaseMs: number;
}
