import type { Candidate } from '../../contracts/candidate.js';
import { usageError } from '../cli-error.js';
import type { Surroundings } from '../context.js';
import { asCandidate } from './candidate-input.js';
import { collectOption } from './option-values.js';
import { readDocument } from './read-document.js';

/**
 * One candidate in one word, where a command takes several: `mobilenet-v2`, `mobilenet-v2:width=0.5,resolution=96`, or a
 * file that ends in `.json`; `-` reads standard input.
 * @param shared zoo options for every word; a word's own stand above them
 */
export async function candidateWord(
  word: string,
  shared: Readonly<Record<string, unknown>>,
  stdin: Surroundings['stdin'],
): Promise<Candidate> {
  if (word === '-' || word.endsWith('.json')) return asCandidate(await readDocument(word, stdin));
  const [zoo, text, ...rest] = word.split(':');
  if (zoo === undefined || zoo === '' || rest.length > 0) {
    throw usageError(
      `'${word}' names no network`,
      'as in mobilenet-v2:width=0.5,resolution=96 or network.json',
    );
  }
  const own = optionsOf(text ?? '');
  const options = { ...shared, ...own };
  return Object.keys(options).length === 0 ? { zoo } : { zoo, options };
}

function optionsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return text
      .split(',')
      .filter((assignment) => assignment !== '')
      .reduce<Readonly<Record<string, unknown>>>((known, word) => collectOption(word, known), {});
  } catch (error) {
    throw usageError((error as Error).message, 'as in mobilenet-v2:width=0.5,resolution=96');
  }
}
