import type { Command } from 'commander';
import type { Candidate } from '../../contracts/candidate.js';
import { usageError } from '../cli-error.js';
import type { Surroundings } from '../context.js';
import { collectOption, integerValue, numberValue } from './option-values.js';
import { readDocument } from './read-document.js';

/** How one candidate is named on the command line. */
export interface CandidateOptions {
  readonly width?: number;
  readonly resolution?: number;
  readonly inputChannels?: number;
  readonly classes?: number;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly network?: string;
}

/** The options of {@link CandidateOptions}; `lutra zoo` lists what a zoo network takes. */
export function withCandidateOptions(command: Command): Command {
  return command
    .option('--width <factor>', 'width multiplier', numberValue)
    .option('--resolution <pixels>', 'side of the input image', integerValue)
    .option('--input-channels <count>', 'channels of the input image', integerValue)
    .option('--classes <count>', 'classes of the last layer', integerValue)
    .option('-o, --option <name=value>', 'any other option of the zoo network, repeatable', collectOption)
    .option(
      '--network <file>',
      'a network document or candidate as JSON instead of a zoo name; - reads standard input',
    );
}

/** The candidate that a command line names: a zoo network with options, or a document from a file. */
export async function candidateInput(
  zooName: string | undefined,
  options: CandidateOptions,
  stdin: Surroundings['stdin'],
): Promise<Candidate> {
  const zooOptions = zooOptionsOf(options);
  if (options.network !== undefined) {
    if (zooName !== undefined) throw usageError('give a zoo name or --network, not both');
    if (Object.keys(zooOptions).length > 0) throw usageError('a network document takes no zoo options');
    return asCandidate(await readDocument(options.network, stdin));
  }
  if (zooName === undefined) {
    throw usageError('which network? Give a zoo name or --network FILE', 'lutra zoo lists the names');
  }
  return Object.keys(zooOptions).length === 0 ? { zoo: zooName } : { zoo: zooName, options: zooOptions };
}

/** Options as the zoo calls them; only those that were given. */
export function zooOptionsOf(options: CandidateOptions): Readonly<Record<string, unknown>> {
  const { width, resolution, inputChannels, classes, option } = options;
  const given = { width, resolution, inputChannels, classes, ...option };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * A file may hold a candidate, a trained network as `lutra adapt --download` writes it, or a bare network document.
 * Whether it is valid is the server's to say.
 */
export function asCandidate(document: unknown): Candidate {
  if (typeof document === 'object' && document !== null) {
    if ('zoo' in document) return document as Candidate;
    if ('network' in document) return { network: document.network };
  }
  return { network: document };
}
