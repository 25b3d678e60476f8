import { printableLine } from './printable.js';
import type { StepError } from './progress.js';

/**
 * A step's error in one line: what, where and how many. A text whose first line announces a list gets the first of it, a file where it is
 * about files, and how many more there are.
 */
export function errorLine({ message, files = [], fileCount = files.length }: Omit<StepError, 'type' | 'at'>): string {
  const [first = '', ...rest] = message.split('\n');
  if (!first.endsWith(':')) return printableLine(first);
  const [file] = files;
  if (file === undefined) return printableLine(`${first} ${rest[0]?.trim() ?? ''}${rest.length > 1 ? ' ...' : ''}`);
  return printableLine(`${first} ${file}${fileCount > 1 ? ` and ${fileCount - 1} more` : ''}`);
}
