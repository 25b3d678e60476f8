import { groupAt, type Node, nextIndex, startOf, written } from '../nodes.js';
import type { WordRule } from '../rewrite-context.js';

/**
 * Functions that PostgreSQL has too, with another result. The call goes to the function of the same name in the schema
 * redshift_local, so that the column keeps its name.
 */
const RENAMED = [
  'avg',
  'version',
  'concat',
  'regexp_replace',
  'json_extract_path_text',
  'json_array_length',
  'round',
  'trunc',
  'median',
  'pg_cancel_backend',
  'pg_terminate_backend',
] as const;

/** One rule for each function of the list. */
export const RENAMED_FUNCTIONS: ReadonlyMap<string, WordRule> = new Map(
  RENAMED.map((name): [string, WordRule] => [name, qualify]),
);

function qualify(level: readonly Node[], at: number): ReturnType<WordRule> {
  const node = level[at];
  if (node?.kind !== 'word' || groupAt(level, nextIndex(level, at + 1)) === undefined) return undefined;
  const start = startOf(node);
  return { nodes: [written('redshift_local', start), { ...written('.', start), kind: 'operator' }, node], end: at + 1 };
}
