import type { Attempt } from '../../../src/activities/attempt.js';
import { copyBatch, listSource } from '../../../src/activities/stage-source.js';
import { createTables } from '../../../src/adapters/redshift/create-tables.js';
import { readKnownFiles } from '../../../src/adapters/redshift/ledger/known-files.js';
import { runCheck } from '../../../src/adapters/redshift/run-check.js';
import type { Session } from '../../../src/adapters/redshift/session/session.js';
import { applyDifference } from '../../../src/adapters/redshift/transform/table-difference.js';
import { transformTable } from '../../../src/adapters/redshift/transform/transform-table.js';
import type { TransformStatement, Warehouse } from '../../../src/adapters/warehouse/warehouse.js';
import type { CopyFacts, TransformFacts } from '../../../src/domain/facts.js';
import type { LoadMode } from '../../../src/domain/input.js';
import type { StagePlan } from '../../../src/domain/plan.js';
import { getTestWarehouse, type TestWarehouse, uniqueName } from './test-warehouse.js';

/** What one load does beside staging what has come and transforming it. */
export interface LoadChange {
  /** @default incremental */
  readonly mode?: LoadMode;
  /** Transform steps that are left out, as a person's skipStep would. */
  readonly skip?: readonly string[];
  /** Without load/<table>.incremental.sql, as in a warehouse that has none. */
  readonly definitionsOnly?: boolean;
  /** After each incremental transform, compare the table with its definition. */
  readonly verify?: boolean;
}

/** What one load did, by step. */
export interface LoadFacts {
  readonly staged: Readonly<Record<string, CopyFacts>>;
  readonly transformed: Readonly<Record<string, TransformFacts>>;
}

/** Fields of an event in the order of the columns of staging_events, for log_json_path.json. */
export const PATHS = [
  ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location', 'method'],
  ...['page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
];

const STAR = ['users', 'songs', 'artists', 'time', 'songplays'] as const;

/** The Sparkify warehouse in a schema of its own, loaded from a prefix of its own by what the activities call; no Temporal. */
export class LoadingCase {
  readonly schema = uniqueName('case_');
  private runs = 0;
  /** Files put so far by source; a source without any is not staged. */
  private readonly sources = new Set<string>();

  private constructor(
    readonly server: TestWarehouse,
    readonly warehouse: Warehouse,
    readonly prefix: string,
  ) {}

  /** @param prefix where its files are; one of its own by default */
  static async create(prefix = uniqueName('case-')): Promise<LoadingCase> {
    const server = await getTestWarehouse();
    const warehouse = await server.adapters.warehouses.load('sparkify');
    const made = new LoadingCase(server, warehouse, prefix);
    const { schema } = made;
    const design = warehouse.defaultDesign;
    const statements = warehouse.createStatements(design);
    await server.inSession((session) => createTables(session, { schema, design, recreate: false, statements }), {
      schema,
    });
    return made;
  }

  /** A second warehouse beside this one, over the same files. */
  async beside(): Promise<LoadingCase> {
    const other = await LoadingCase.create(this.prefix);
    for (const source of this.sources) other.sources.add(source);
    return other;
  }

  /** @param key below the case's prefix: `log_data/1.json` */
  async put(key: string, body: string): Promise<void> {
    await this.server.put(`${this.prefix}/${key}`, body);
    this.sources.add(key.split('/')[0] ?? '');
  }

  /** One run: stages what the ledger does not know, then fills the star tables. */
  load(change: LoadChange = {}): Promise<LoadFacts> {
    const { schema } = this;
    return this.server.inSession((session) => this.runLoad(session, change), { schema });
  }

  /** Rows of the star tables but for songplay_id, each table in the order of its rows. */
  async star(): Promise<Readonly<Record<string, readonly string[]>>> {
    const rows: Record<string, readonly string[]> = {};
    for (const table of STAR) {
      const columns = this.warehouse.transform(table).columns;
      const found = await this.query(`select ${columns.join(', ')} from ${table}`);
      rows[table] = found.map((row) => JSON.stringify(Object.values(row))).sort();
    }
    return rows;
  }

  /** Checks of any severity that find something. */
  failedChecks(): Promise<readonly string[]> {
    const { schema } = this;
    return this.server.inSession(
      async (session) => {
        const failed: string[] = [];
        for (const { id } of this.warehouse.plan({ schema }).checks) {
          if (!(await runCheck(session, this.warehouse.check(id))).passed) failed.push(id);
        }
        return failed;
      },
      { schema },
    );
  }

  query(sql: string) {
    return this.server.query(sql, this.schema);
  }

  /** Whether the last transform of each table compared the whole of it or only the keys of new rows. */
  async bases(): Promise<Readonly<Record<string, string | null>>> {
    const rows = await this.query(
      `select table_name, change from starshift.load_steps
       where table_schema = '${this.schema}' and kind = 'transform' and run_id = 'run-${this.runs}'`,
    );
    return Object.fromEntries(rows.map((row) => [row.table_name ?? '', row.change ?? null]));
  }

  private async runLoad(session: Session, change: LoadChange): Promise<LoadFacts> {
    this.runs += 1;
    const { mode = 'incremental', skip = [] } = change;
    const source = { url: this.url };
    const staged: Record<string, CopyFacts> = {};
    const transformed: Record<string, TransformFacts> = {};
    for (const step of this.warehouse.plan({ schema: this.schema, source }).load) {
      if (skip.includes(step.id)) continue;
      if (step.kind === 'transform') {
        transformed[step.id] = await this.transform(session, { step: step.id, mode, change });
      } else if (this.sources.has(step.url.slice(this.url.length).split('/')[0] ?? '')) {
        staged[step.id] = await this.stage(session, step, mode);
      }
    }
    return { staged, transformed };
  }

  private async stage(
    session: Session,
    { id, table, source: sourceName }: StagePlan,
    mode: LoadMode,
  ): Promise<CopyFacts> {
    const { schema } = this;
    const scope = { target: { cluster: this.server.identifier }, warehouse: 'sparkify', schema };
    const work = { ...scope, source: { url: this.url }, sourceName, table, step: id };
    const attempt = this.attempt();
    const incremental = { ...scope, table, onChanged: 'reload', reload: [] } as const;
    const known = mode === 'full' ? undefined : await readKnownFiles(session, { schema, table });
    const asked = { ...work, exclude: [], ...(mode === 'full' ? {} : { incremental }) };
    const listing = await listSource(this.server.adapters, { request: asked, attempt, known });
    return copyBatch(this.server.adapters, { request: { ...work, listing, maxErrors: 0, mode }, attempt, session });
  }

  private async transform(
    session: Session,
    { step, mode, change }: { readonly step: string; readonly mode: LoadMode; readonly change: LoadChange },
  ): Promise<TransformFacts> {
    const { workflowId, runId } = this.attempt();
    const { incremental, ...definition } = this.warehouse.transform(step);
    const statement = change.definitionsOnly || incremental === undefined ? definition : { ...definition, incremental };
    const key = { workflowId, runId, step, schema: this.schema, table: step };
    const facts = await transformTable(session, { key, statement, reads: statement.lineage.staged, mode });
    if (change.verify) await this.verify(session, definition);
    return facts;
  }

  /** Fails when the definition of the table would change anything now; changes nothing itself. */
  private async verify(session: Session, { table, columns, query, key }: TransformStatement): Promise<void> {
    const target = { schema: this.schema, table };
    const request = { target, columns, query, key, whole: true };
    await session.run({ sql: 'begin', action: 'Test' });
    const { inserted, updated, deleted } = await applyDifference(session, request);
    await session.rollback();
    if (inserted + updated + deleted === 0) return;
    throw new Error(
      `After run ${this.runs} ${table} is not what its definition says: ${inserted} rows missing, ${updated} different, ${deleted} too many`,
    );
  }

  private get url(): string {
    return `s3://${this.server.bucket}/${this.prefix}/`;
  }

  private attempt(): Attempt {
    const signal = new AbortController().signal;
    const runId = `run-${this.runs}`;
    return { workflowId: this.schema, runId, namespace: 'default', number: 1, signal, report: () => {} };
  }
}
