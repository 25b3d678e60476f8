import type pg from 'pg';
import type { LoadFault } from './load-fault.js';
import { FieldKind, type RowFields } from './row-fields.js';
import type { RowReader } from './row-reader.js';
import type { LoadColumn } from './target-column.js';

/** Rows of stl_loaderror_detail are kept for so many errors a slice (DG STL_LOADERROR_DETAIL). */
const DETAILED_ERRORS = 20;
const RAW_BYTES = 1024;
/** Errors written to the database at once. */
const BATCH = 500;

const INSERT = `
  insert into redshift_local.load_error
  select r.* from jsonb_populate_recordset(null::redshift_local.load_error, $1::jsonb) r`;

/** The facts that all load errors of one COPY share, in the columns of redshift_local.load_error. */
export interface LoadErrorOrigin {
  readonly user_id: number;
  readonly table_id: number;
  readonly start_time: string;
  readonly session_id: number;
  readonly query_id: number;
  readonly transaction_id: string;
  readonly database_name: string;
}

/** A rejected row and where it stands. */
export interface RejectedRow {
  readonly fault: LoadFault;
  readonly reader: RowReader;
  readonly fileName: string;
  readonly slice: number;
}

/** Multibyte characters become periods (DG STL_LOAD_ERRORS); zero bytes, which PostgreSQL cannot store, too. */
function printable(text: string): string {
  return [...text.slice(0, RAW_BYTES)]
    .map((character) => (character === '\0' || character > '\x7f' ? '.' : character))
    .join('');
}

/** Collects the rejected rows of one COPY and writes them where the client's rollback does not reach them. */
export class LoadErrors {
  count = 0;
  private waiting: object[] = [];
  private readonly detailed = new Map<number, number>();

  constructor(
    private readonly admin: pg.Pool,
    private readonly origin: LoadErrorOrigin,
    private readonly columns: readonly LoadColumn[],
  ) {}

  async add(row: RejectedRow): Promise<void> {
    this.count++;
    this.waiting.push(this.record(row));
    if (this.waiting.length >= BATCH) await this.flush();
  }

  /** Writes what is still waiting. */
  async flush(): Promise<void> {
    const batch = this.waiting;
    if (batch.length === 0) return;
    this.waiting = [];
    await this.admin.query(INSERT, [JSON.stringify(batch)]);
  }

  private record({ fault, reader, fileName, slice }: RejectedRow): object {
    const column = fault.column === undefined ? undefined : this.columns[fault.column];
    const hasValue = fault.column !== undefined && (reader.fields.kinds[fault.column] ?? 0) > FieldKind.null;
    return {
      ...this.origin,
      slice,
      file_name: fileName,
      line_number: reader.line(),
      column_name: column?.name ?? '',
      column_type: column?.codec.typeName ?? '',
      column_length: column?.codec.length ?? '',
      position: fault.position,
      raw_line: printable(reader.rawLine(RAW_BYTES)),
      raw_field_value: hasValue ? printable(reader.fields.text(fault.column)) : '',
      error_code: fault.code,
      error_message: printable(fault.reason),
      fields: this.details(reader.fields, fault, slice),
    };
  }

  /** The values of the row up to the one that was rejected. */
  private details(fields: RowFields, fault: LoadFault, slice: number): object[] {
    const known = this.detailed.get(slice) ?? 0;
    if (fault.column === undefined || known >= DETAILED_ERRORS) return [];
    this.detailed.set(slice, known + 1);
    return this.columns.slice(0, fault.column + 1).map((column, field) => {
      const isNull = (fields.kinds[field] ?? 0) <= FieldKind.null;
      return {
        field,
        colname: column.name,
        value: isNull ? '' : printable(fields.text(field)),
        is_null: isNull ? 1 : 0,
        type: column.codec.typeName,
        col_length: column.codec.length,
      };
    });
  }
}
