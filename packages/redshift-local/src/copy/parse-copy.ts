import { RedshiftError } from '../redshift-error.js';
import type { Token } from '../sql/token.js';
import type { CopyCommand, CopyFormat } from './copy-command.js';
import { AUTHORIZATION_RULES, resolveCredential } from './options/authorization-rules.js';
import { CONVERSION_RULES } from './options/conversion-rules.js';
import { FORMAT_RULES } from './options/format-rules.js';
import { LOAD_RULES } from './options/load-rules.js';
import { emptyDraft, type OptionDraft, type OptionRules } from './options/option-draft.js';
import { requireS3Location } from './s3-location.js';
import { TokenCursor } from './token-cursor.js';

const RULES: OptionRules = { ...AUTHORIZATION_RULES, ...FORMAT_RULES, ...CONVERSION_RULES, ...LOAD_RULES };

/** Options that do not go with JSON (DG "COPY from JSON format"). */
const NOT_WITH_JSON = ['csv', 'delimiter', 'escape', 'fillrecord', 'ignoreblanklines', 'null', 'removequotes'];
const NOT_WITH_CSV = ['escape', 'removequotes'];

/**
 * Understands a COPY ... FROM 's3://...' statement. Throws RedshiftError: 42601 with a position for what is no COPY,
 * 0A000 for what COPY knows but redshift-local does not.
 */
export function parseCopy(tokens: readonly Token[], sql: string): CopyCommand {
  const cursor = new TokenCursor(tokens, sql);
  cursor.expectWord('copy');
  const [table = '', schema] = qualifiedName(cursor).reverse();
  const columns = columnList(cursor);
  if (cursor.acceptWord('to')) {
    throw new RedshiftError({ sqlState: '0A000', message: 'COPY TO is not supported', hint: 'Use UNLOAD.' });
  }
  cursor.expectWord('from');
  const source = dataSource(cursor);
  const draft = readOptions(cursor);
  return { schema, table, columns, source, ...settle(draft) };
}

function qualifiedName(cursor: TokenCursor): string[] {
  const names = [cursor.identifier()];
  while (names.length < 3 && cursor.acceptOperator('.')) names.push(cursor.identifier());
  return names.slice(-2);
}

function columnList(cursor: TokenCursor): string[] | undefined {
  if (!cursor.acceptOperator('(')) return undefined;
  const names = [cursor.identifier()];
  while (cursor.acceptOperator(',')) names.push(cursor.identifier());
  cursor.expectOperator(')');
  return names;
}

function dataSource(cursor: TokenCursor): CopyCommand['source'] {
  const token = cursor.peek();
  const url = cursor.string();
  if (/^(dynamodb|emr|ssh):\/\//.test(url)) {
    throw new RedshiftError({ sqlState: '0A000', message: `COPY from ${url} is not supported by redshift-local` });
  }
  if (!url.startsWith('s3://')) throw cursor.syntaxError(token);
  return requireS3Location(url, 'FROM');
}

function readOptions(cursor: TokenCursor): OptionDraft {
  const draft = emptyDraft();
  while (!cursor.atEnd) {
    const token = cursor.peek() as Token;
    const rule = token.kind === 'word' && Object.hasOwn(RULES, token.value) ? RULES[token.value] : undefined;
    if (rule === undefined) throw cursor.syntaxError(token);
    if (draft.seen.has(token.value)) {
      const message = `conflicting or redundant options: ${token.value.toUpperCase()}`;
      throw new RedshiftError({ sqlState: '42601', message, position: token.start + 1 });
    }
    draft.seen.set(token.value, token);
    cursor.word();
    rule(cursor, draft);
  }
  return draft;
}

function settle(draft: OptionDraft): Omit<CopyCommand, 'schema' | 'table' | 'columns' | 'source'> {
  if (draft.json !== undefined) refuseTogether(draft, 'JSON', NOT_WITH_JSON);
  if (draft.csv) refuseTogether(draft, 'CSV', NOT_WITH_CSV);
  if (draft.ignoreAllErrors) refuseTogether(draft, 'IGNOREALLERRORS', ['maxerror']);
  const { manifest, region, gzip, conversion, headerLines, ignoreBlankLines } = draft;
  return {
    manifest,
    region,
    gzip,
    conversion,
    headerLines,
    ignoreBlankLines,
    fillRecord: draft.fillRecord,
    trimBlanks: draft.trimBlanks,
    noLoad: draft.noLoad,
    explicitIds: draft.explicitIds,
    credential: resolveCredential(draft),
    format: chooseFormat(draft),
    nullText: draft.nullText ?? '\\N',
    // "Set this value to 0 or 1 if you want the load to fail as soon as the first error occurs" (DG MAXERROR).
    errorLimit: draft.ignoreAllErrors ? Number.POSITIVE_INFINITY : Math.max(1, draft.maxError),
  };
}

function refuseTogether(draft: OptionDraft, main: string, others: readonly string[]): void {
  for (const other of others) {
    const token = draft.seen.get(other);
    if (token === undefined) continue;
    const message = `${other.toUpperCase()} is not supported with ${main}`;
    throw new RedshiftError({ sqlState: '42601', message, position: token.start + 1 });
  }
}

function chooseFormat(draft: OptionDraft): CopyFormat {
  if (draft.json !== undefined) return { kind: 'json', mapping: draft.json };
  if (draft.csv) return { kind: 'csv', delimiter: draft.delimiter ?? ',', quote: draft.quote ?? '"' };
  const { escape: escapes, removeQuotes } = draft;
  return { kind: 'delimited', delimiter: draft.delimiter ?? '|', escape: escapes, removeQuotes };
}
