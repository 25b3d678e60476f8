import type { TableAttributes } from './warehouse-file.js';

/** Redshift takes at most eight columns in an interleaved sort key (DG, "CREATE TABLE"). */
export const MAX_INTERLEAVED_COLUMNS = 8;

/** The attributes as they stand behind the closing parenthesis of CREATE TABLE. Without any, DISTSTYLE AUTO. */
export function renderAttributes({ diststyle, distkey, sortkey }: TableAttributes): string {
  const parts: string[] = [];
  parts.push(distkey === undefined ? `diststyle ${diststyle ?? 'auto'}` : `diststyle key distkey (${distkey})`);
  if (sortkey !== undefined) {
    parts.push(
      'interleaved' in sortkey
        ? `interleaved sortkey (${sortkey.interleaved.join(', ')})`
        : `compound sortkey (${sortkey.join(', ')})`,
    );
  }
  return parts.join(' ');
}

/** What is wrong with a table's attributes: the field and a message. `columns` is undefined when the table's file cannot be read. */
export function attributeProblems(
  table: string,
  { diststyle, distkey, sortkey }: TableAttributes,
  columns: readonly string[] | undefined,
): { readonly field: string; readonly message: string }[] {
  const problems: { field: string; message: string }[] = [];
  const unknown = (field: string, name: string) => {
    if (columns === undefined || columns.includes(name)) return;
    problems.push({ field, message: `${table} has no column "${name}"; it has ${columns.join(', ')}` });
  };
  if (distkey !== undefined) {
    unknown('distkey', distkey);
    if (diststyle !== undefined && diststyle !== 'key') {
      problems.push({ field: 'diststyle', message: `${diststyle} contradicts the distkey; leave one of them out` });
    }
  } else if (diststyle === 'key') {
    problems.push({ field: 'diststyle', message: 'key needs a column; write for example distkey: user_id' });
  }
  if (sortkey === undefined) return problems;
  const names = 'interleaved' in sortkey ? sortkey.interleaved : sortkey;
  for (const name of names) unknown('sortkey', name);
  if (new Set(names).size < names.length) problems.push({ field: 'sortkey', message: 'names a column twice' });
  if ('interleaved' in sortkey && names.length > MAX_INTERLEAVED_COLUMNS) {
    const message = `has ${names.length} interleaved columns; Redshift takes at most ${MAX_INTERLEAVED_COLUMNS}`;
    problems.push({ field: 'sortkey', message });
  }
  return problems;
}
