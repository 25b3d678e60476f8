import { ensureLedger } from '../../../src/adapters/redshift/ledger/ledger-tables.js';
import type { TestWarehouse } from '../support/test-warehouse.js';

/** Rows of the ledger as its writers leave them, of one schema of the tests. Columns that are left out are null. */
export class LedgerFixture {
  constructor(
    readonly warehouse: TestWarehouse,
    readonly schema: string,
  ) {}

  async begin(): Promise<void> {
    await this.warehouse.inSession((session) => ensureLedger(session, []));
  }

  step(table: string, columns: Readonly<Record<string, string | number>>): Promise<unknown> {
    return this.insert('load_steps', {
      ...{
        workflow_id: 'load',
        run_id: 'r1',
        step: table,
        kind: 'stage',
        table_schema: this.schema,
        table_name: table,
      },
      ...{ row_count: 0, file_count: 0, size_bytes: 0, rejected_rows: 0, committed_at: '2026-01-02 03:04:05' },
      ...columns,
    });
  }

  file(table: string, columns: Readonly<Record<string, string | number>>): Promise<unknown> {
    return this.insert('load_files', {
      ...{ workflow_id: 'load', run_id: 'r1', step: table, table_schema: this.schema, table_name: table },
      ...{ size_bytes: 10, committed_at: '2026-01-02 03:04:05' },
      ...columns,
    });
  }

  quarantine(table: string, columns: Readonly<Record<string, string | number>>): Promise<unknown> {
    return this.insert('quarantine', {
      ...{ workflow_id: 'load', run_id: 'r1', step: table, table_schema: this.schema, table_name: table },
      ...{ reason: 'Invalid digit', quarantined_at: '2026-01-02 03:04:05' },
      ...columns,
    });
  }

  private insert(table: string, columns: Readonly<Record<string, string | number>>): Promise<unknown> {
    const values = Object.values(columns).map((value) =>
      typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`,
    );
    const sql = `insert into starshift.${table} (${Object.keys(columns).join(', ')}) values (${values.join(', ')})`;
    return this.warehouse.query(sql);
  }
}
