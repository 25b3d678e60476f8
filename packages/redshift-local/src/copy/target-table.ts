import type { BackendSession } from '../backend-session.js';
import { RedshiftError } from '../redshift-error.js';
import { chooseCodec } from './column-codec/choose-codec.js';
import type { CopyCommand } from './copy-command.js';
import { sqlLiteral, sqlName } from './sql-text.js';
import type { LoadColumn, TargetColumn } from './target-column.js';

/** The table a COPY loads, and the session facts that the load views show. */
export interface TargetTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly TargetColumn[];
  readonly userId: number;
  readonly transactionId: string;
}

/** Looks the table up in the client's session. Throws RedshiftError 42P01 when there is none of that name. */
export async function readTargetTable(session: BackendSession, command: CopyCommand): Promise<TargetTable> {
  const { rows } = await session.query(lookUpSql(command));
  const [first] = rows;
  if (first === undefined) {
    throw new RedshiftError({ sqlState: '42P01', message: `Cannot COPY into nonexistent table ${command.table}` });
  }
  return {
    oid: Number(first[0]),
    schema: first[1] ?? '',
    name: first[2] ?? '',
    userId: Number(first[3]),
    transactionId: first[4] ?? '0',
    columns: rows.map((row) => ({
      name: row[5] ?? '',
      type: row[6] ?? '',
      modifier: Number(row[7]),
      notNull: row[8] === 't',
      isIdentity: row[9] === 't',
    })),
  };
}

function lookUpSql({ schema, table }: CopyCommand): string {
  const qualified = (name: string): string =>
    sqlLiteral(schema === undefined ? sqlName(name) : `${sqlName(schema)}.${sqlName(name)}`);
  // A temporary table may be kept without the number sign that Redshift writes before its name.
  const names = table.startsWith('#') ? [table, table.slice(1)] : [table];
  const candidates = names.map((name) => `pg_catalog.to_regclass(${qualified(name)})`).join(', ');
  return `
    select c.oid, n.nspname, c.relname, u.usesysid, pg_catalog.pg_current_xact_id()::text,
           a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity <> ''
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join pg_catalog.pg_user u on u.usename = current_user
     where c.oid = coalesce(${candidates})
     order by a.attnum`;
}

/**
 * The columns the COPY fills, in the order of the column list or the table, each with its codec. Identity columns are left out
 * unless EXPLICIT_IDS is given. Throws RedshiftError 42703 for a name the table does not have.
 */
export function loadColumns(table: TargetTable, command: CopyCommand): LoadColumn[] {
  const wanted = command.columns?.map((name) => findColumn(table, name)) ?? table.columns;
  const identity = wanted.find((column) => column.isIdentity);
  if (command.columns !== undefined && identity !== undefined && !command.explicitIds) {
    throw new RedshiftError({
      sqlState: '0A000',
      message: `cannot set an identity column "${identity.name}" to a value`,
      hint: 'Leave it out of the column list, or add EXPLICIT_IDS.',
    });
  }
  return wanted
    .filter((column) => command.explicitIds || !column.isIdentity)
    .map((column) => ({
      name: column.name,
      notNull: column.notNull,
      codec: chooseCodec(column, command.conversion),
    }));
}

function findColumn(table: TargetTable, name: string): TargetColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new RedshiftError({
    sqlState: '42703',
    message: `column "${name}" of relation "${table.name}" does not exist`,
  });
}

/** `COPY ... FROM STDIN` for the columns, in the text form the encoder writes. */
export function copyInSql(table: TargetTable, columns: readonly LoadColumn[]): string {
  const names = columns.map(({ name }) => sqlName(name)).join(', ');
  return `copy ${sqlName(table.schema)}.${sqlName(table.name)} (${names}) from stdin with (encoding 'UTF8')`;
}
