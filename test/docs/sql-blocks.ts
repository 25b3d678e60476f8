import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config.js';

/** The statements of a document's ```sql blocks by the comment that each begins with. */
export function sqlBlocks(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(PROJECT_ROOT, file), 'utf8');
  const blocks = [...text.matchAll(/^```sql\n-- (?<title>[^\n]+)\n(?<sql>[\s\S]*?)^```$/gm)];
  return new Map(blocks.map(({ groups }) => [groups?.title ?? '', groups?.sql ?? '']));
}
