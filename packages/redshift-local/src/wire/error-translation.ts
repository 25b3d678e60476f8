import { FIELD, type ResponseFields } from './error-fields.js';

/** Constraint that counts the bytes of a column (src/catalog/table-functions-sql.ts). */
const BYTE_LENGTH_CONSTRAINT = /^rs_bytes_\d+_(\d+)$/;
const POSTGRES_TOO_LONG = /^value too long for type (.+)$/;
const TOO_LONG = '22001';
const TOO_LONG_CODE = 8001;
/** What PostgreSQL's parser says when its own stack is full, as of a syntax error. */
const PARSER_FULL = /^memory exhausted at or near /;
const STATEMENT_TOO_COMPLEX = '54001';

interface Translation {
  readonly code: string;
  translate(fields: ResponseFields): void;
}

/** Errors that Redshift words differently, by PostgreSQL's SQLSTATE. */
const TRANSLATIONS: readonly Translation[] = [
  {
    code: '22001',
    translate: (fields) => tooLong(fields, POSTGRES_TOO_LONG.exec(fields.get(FIELD.message) ?? '')?.[1]),
  },
  { code: '23514', translate: byteLength },
  { code: '23502', translate: notNull },
  { code: '428C9', translate: identity },
  { code: '57014', translate: cancelled },
  { code: '40001', translate: serialization },
  { code: '21000', translate: duplicateMatch },
  { code: '42601', translate: tooComplex },
  // PostgreSQL 8.0 has no class 28P01.
  { code: '28P01', translate: (fields) => fields.set(FIELD.code, '28000') },
];

const BY_CODE: ReadonlyMap<string, Translation> = new Map(TRANSLATIONS.map((entry) => [entry.code, entry]));

/** Rewords an error of PostgreSQL to Redshift's, in place. */
export function translateError(fields: ResponseFields): void {
  BY_CODE.get(fields.get(FIELD.code) ?? '')?.translate(fields);
}

function tooComplex(fields: ResponseFields): void {
  if (!PARSER_FULL.test(fields.get(FIELD.message) ?? '')) return;
  fields.set(FIELD.code, STATEMENT_TOO_COMPLEX);
  fields.set(FIELD.message, 'statement too complex: its expressions are nested too deeply');
}

function byteLength(fields: ResponseFields): void {
  const bytes = BYTE_LENGTH_CONSTRAINT.exec(fields.get(FIELD.constraint) ?? '')?.[1];
  if (bytes === undefined) return;
  tooLong(fields, `character varying(${bytes})`);
  fields.delete(FIELD.constraint);
}

function tooLong(fields: ResponseFields, type: string | undefined): void {
  if (type === undefined) return;
  fields.set(FIELD.code, TOO_LONG);
  fields.set(FIELD.message, 'Value too long for character type');
  const lines = [
    'error:  Value too long for character type',
    `code:      ${TOO_LONG_CODE}`,
    `context:   Value too long for type ${type}`,
  ];
  fields.set(FIELD.detail, `\n  ${lines.join('\n  ')}\n`);
}

function notNull(fields: ResponseFields): void {
  const column = fields.get(FIELD.column);
  if (column === undefined) return;
  fields.set(FIELD.message, `Cannot insert a NULL value into column ${column}`);
}

function identity(fields: ResponseFields): void {
  const updated = (fields.get(FIELD.message) ?? '').includes('can only be updated');
  fields.set(FIELD.code, '0A000');
  fields.set(FIELD.message, updated ? 'cannot update an identity column' : 'cannot set an identity column to a value');
  fields.delete(FIELD.detail);
  fields.delete(FIELD.hint);
}

function cancelled(fields: ResponseFields): void {
  const reason = fields.get(FIELD.message) ?? '';
  if (reason.includes('user request')) fields.set(FIELD.message, "Query cancelled on user's request");
  if (reason.includes('statement timeout')) fields.set(FIELD.message, 'Query cancelled on statement timeout');
}

function serialization(fields: ResponseFields): void {
  fields.set(FIELD.code, 'XX000');
  fields.set(FIELD.message, '1023');
  fields.set(FIELD.detail, 'Serializable isolation violation on table');
  fields.delete(FIELD.hint);
}

function duplicateMatch(fields: ResponseFields): void {
  if (!(fields.get(FIELD.message) ?? '').startsWith('MERGE command cannot affect row a second time')) return;
  fields.set(FIELD.message, 'Found multiple matches to update the same tuple.');
  fields.delete(FIELD.hint);
}
