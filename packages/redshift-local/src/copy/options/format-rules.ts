import { RedshiftError } from '../../redshift-error.js';
import { parseS3Location } from '../s3-location.js';
import type { TokenCursor } from '../token-cursor.js';
import type { OptionDraft, OptionRules } from './option-draft.js';

function refuse(feature: string): never {
  throw new RedshiftError({ sqlState: '0A000', message: `COPY: ${feature} is not supported by redshift-local` });
}

function json(cursor: TokenCursor, draft: OptionDraft): void {
  cursor.acceptWord('as');
  const mapping = cursor.acceptString() ?? 'auto';
  if (mapping === 'auto' || mapping === 'auto ignorecase') {
    draft.json = { kind: 'auto', ignoreCase: mapping !== 'auto' };
    return;
  }
  if (mapping === 'noshred') refuse("JSON 'noshred'");
  const file = parseS3Location(mapping);
  if (file === undefined || file.key === '') {
    throw new RedshiftError({
      sqlState: '22023',
      message: `Invalid JSONPaths argument '${mapping}'`,
      hint: "Use 'auto', 'auto ignorecase' or the 's3://bucket/key' of a JSONPaths file.",
    });
  }
  draft.json = { kind: 'paths', file };
}

function csv(cursor: TokenCursor, draft: OptionDraft): void {
  draft.csv = true;
  if (!cursor.acceptWord('quote')) return;
  cursor.acceptWord('as');
  draft.quote = oneByte(cursor.string(), 'QUOTE');
}

/** One ASCII character, written as itself, as \t or in octal (DG DELIMITER). */
function oneByte(text: string, option: string): string {
  const octal = /^\\([0-7]{3})$/.exec(text)?.[1];
  const character = octal ? String.fromCharCode(Number.parseInt(octal, 8)) : text === '\\t' ? '\t' : text;
  if (character.length === 1 && character.charCodeAt(0) < 0x80) return character;
  throw new RedshiftError({ sqlState: '22023', message: `${option} must be a single ASCII character` });
}

const FORMATS: OptionRules = {
  json,
  csv,
  parquet: () => refuse('FORMAT PARQUET'),
  orc: () => refuse('FORMAT ORC'),
  avro: () => refuse('FORMAT AVRO'),
  shapefile: () => refuse('FORMAT SHAPEFILE'),
  fixedwidth: () => refuse('FIXEDWIDTH'),
};

/** FORMAT, its formats on their own, and the compressions (DG "Data format parameters", "File compression parameters"). */
export const FORMAT_RULES: OptionRules = {
  ...FORMATS,
  format(cursor, draft) {
    cursor.acceptWord('as');
    const token = cursor.peek();
    const rule = FORMATS[cursor.word()];
    if (rule === undefined) throw cursor.syntaxError(token);
    rule(cursor, draft);
  },
  delimiter(cursor, draft) {
    cursor.acceptWord('as');
    draft.delimiter = oneByte(cursor.string(), 'DELIMITER');
  },
  escape(_cursor, draft) {
    draft.escape = true;
  },
  removequotes(_cursor, draft) {
    draft.removeQuotes = true;
  },
  gzip(_cursor, draft) {
    draft.gzip = true;
  },
  bzip2: () => refuse('BZIP2'),
  lzop: () => refuse('LZOP'),
  zstd: () => refuse('ZSTD'),
};
