import { TerminalError } from '../../errors.js';
import type { TargetTable } from '../ledger/ledger-tables.js';
import { qualify, quoteIdentifier } from '../quote.js';
import type { Session } from '../session/session.js';
import { requireUniqueKeys } from './duplicate-keys.js';
import { createLike, dropTables, sessionTable } from './session-tables.js';
import { statementFile } from './statement-file.js';

/** Rows a table is to have. */
export interface DifferenceRequest {
  readonly target: TargetTable;
  /** Columns of the query, in its order. Others keep what they have, or get their default: IDENTITY values of rows that stay stay too. */
  readonly columns: readonly string[];
  readonly query: string;
  /** Columns that identify a row; null counts as a value. */
  readonly key: readonly string[];
  /** Whether the query gives every row of the table, so that rows of other keys go. Otherwise it gives whole rows for some keys. */
  readonly whole: boolean;
}

/** What has changed in the table. */
export interface AppliedDifference {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Rows that the query gave. */
  readonly wanted: number;
}

/**
 * Which of the key's columns are null. The rows of one pattern are compared by equalities only; `a = b or (a is null and b is null)`
 * would be a nested loop, and in an UPDATE an error ("Target table must be part of an equijoin predicate").
 */
type NullPattern = ReadonlySet<string>;

/**
 * Makes the table hold what a query gives, by its key, and touches no row that is right already. Belongs into a transaction under the
 * lock of the target's guard. Set operations compare rows, for in them null equals null; nothing is written when nothing differs.
 * Only what Redshift has: no MERGE (it takes no null-safe condition and no row that stays), no correlated subquery.
 *
 * @throws TerminalError duplicateKeys when the query gives several rows for one key; invalidWarehouse when it does not give the key
 */
export async function applyDifference(session: Session, request: DifferenceRequest): Promise<AppliedDifference> {
  requireKey(request);
  const difference = new TableDifference(session, request);
  const wanted = await difference.want();
  if (!request.whole) await difference.hold();
  const deleted = await difference.deleteSurplus();
  const changes = await difference.findFresh();
  const updated = changes === 0 ? 0 : await difference.updateHeld();
  const inserted = changes === updated ? 0 : await difference.insertNew();
  await difference.end();
  return { inserted, updated, deleted, wanted };
}

function requireKey({ target, columns, key }: DifferenceRequest): void {
  const missing = key.filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  throw new TerminalError({
    kind: 'invalidWarehouse',
    message:
      `An incremental load of ${target.table} needs its whole key, and load/${target.table}.sql does not give ${missing.join(', ')}. ` +
      `Name in warehouse.yaml, as the key of ${target.table}, columns that the statement fills, or load with "mode": "full".`,
    resource: `${target.schema}.${target.table}`,
  });
}

const WANTED = sessionTable('wanted');
const HELD = sessionTable('held');
const GONE = sessionTable('gone');
const FRESH = sessionTable('fresh');

/** One application, statement by statement. */
class TableDifference {
  private readonly target: string;
  private readonly columns: string;
  private readonly key: string;
  /** Where the rows of wanted keys are found: a copy of them, or the table itself where most of it is wanted. */
  private readonly held: string;

  constructor(
    private readonly session: Session,
    private readonly request: DifferenceRequest,
  ) {
    this.target = qualify(request.target.schema, request.target.table);
    this.columns = list(request.columns);
    this.key = list(request.key);
    this.held = request.whole ? this.target : HELD;
  }

  /** Keeps the query's rows in a table typed like the target, so that they compare as they would be stored. Returns their number. */
  async want(): Promise<number> {
    const { query, target, whole } = this.request;
    await this.create(WANTED, this.columns);
    const sql = `insert into ${WANTED} (${this.columns})\n${query}`;
    const file = statementFile({ table: target.table, whole });
    const { rowCount } = await this.session.run({ sql, action: `Computing the rows of ${target.table} by ${file}` });
    await requireUniqueKeys(this.session, { rows: WANTED, ...this.request });
    return rowCount;
  }

  /** Copies the rows of the wanted keys, where the table has many others. */
  async hold(): Promise<void> {
    await this.create(HELD, this.columns);
    const columns = list(this.request.columns, 't');
    await this.forPatterns(WANTED, 'Finding rows', (pattern) => {
      return `insert into ${HELD} (${this.columns}) select ${columns} from ${this.target} as t join ${WANTED} as w on ${this.sameKey(pattern, 't', 'w')}`;
    });
  }

  /** Deletes the rows whose keys nobody wants, and those of keys that are there more than once; the latter are inserted anew. */
  async deleteSurplus(): Promise<number> {
    await this.create(GONE, this.key);
    const unwanted = `select ${this.key} from ${this.target} except select ${this.key} from ${WANTED} union `;
    const sql = `insert into ${GONE} (${this.key})
      ${this.request.whole ? unwanted : ''}select ${this.key} from ${this.held} group by ${this.key} having count(*) > 1`;
    const { rowCount } = await this.run(sql, 'Finding surplus rows');
    if (rowCount === 0) return 0;
    const deleteFrom = (table: string): Promise<number> =>
      this.forPatterns(GONE, 'Deleting surplus rows', (pattern) => {
        return `delete from ${table} using ${GONE} where ${this.sameKey(pattern, table, GONE)}`;
      });
    if (!this.request.whole) await deleteFrom(HELD);
    return deleteFrom(this.target);
  }

  /** Finds the wanted rows that the table does not hold just so, and returns their number. */
  async findFresh(): Promise<number> {
    await this.create(FRESH, this.columns);
    const sql = `insert into ${FRESH} (${this.columns})
      select ${this.columns} from ${WANTED} except select ${this.columns} from ${this.held}`;
    return (await this.run(sql, 'Comparing rows')).rowCount;
  }

  /** Updates the rows of the fresh keys that are there. A table whose columns are all key has none: such a row is there or not. */
  async updateHeld(): Promise<number> {
    const { columns, key } = this.request;
    const others = columns.filter((column) => !key.includes(column)).map(quoteIdentifier);
    if (others.length === 0) return 0;
    const values = others.map((column) => `${column} = ${FRESH}.${column}`).join(', ');
    return this.forPatterns(FRESH, 'Updating rows', (pattern) => {
      return `update ${this.target} set ${values} from ${FRESH} where ${this.sameKey(pattern, this.target, FRESH)}`;
    });
  }

  /** Inserts the fresh rows whose keys are not there. */
  async insertNew(): Promise<number> {
    const found = quoteIdentifier('starshift$found');
    return this.forPatterns(FRESH, 'Inserting rows', (pattern) => {
      return `insert into ${this.target} (${this.columns})
        select ${list(this.request.columns, 'f')} from ${FRESH} as f
        left join (select ${this.key}, 1 as ${found} from ${this.held}) as h on ${this.sameKey(pattern, 'f', 'h')}
        where ${this.hasPattern(pattern, 'f')} and h.${found} is null`;
    });
  }

  async end(): Promise<void> {
    const { whole } = this.request;
    await dropTables(this.session, [WANTED, GONE, FRESH, ...(whole ? [] : [HELD])]);
  }

  /** Runs one statement a null pattern of the keys in a table, and returns how many rows they touched. */
  private async forPatterns(table: string, what: string, sqlOf: (pattern: NullPattern) => string): Promise<number> {
    const { key } = this.request;
    const flags = key.map(
      (column, index) => `case when ${quoteIdentifier(column)} is null then 1 else 0 end as n${index}`,
    );
    const { rows } = await this.run(`select distinct ${flags.join(', ')} from ${table}`, what);
    let touched = 0;
    for (const row of rows) {
      const pattern = new Set(key.filter((_, index) => Number(row[`n${index}`]) === 1));
      touched += (await this.run(sqlOf(pattern), what)).rowCount;
    }
    return touched;
  }

  /** An equality for each column: Redshift takes no other condition for the join of an UPDATE, and hashes no other. */
  private sameKey(pattern: NullPattern, left: string, right: string): string {
    const conditions = this.request.key.map((name) => {
      const [one, other] = [left, right].map((table) => `${table}.${quoteIdentifier(name)}`);
      return pattern.has(name)
        ? `case when ${one} is null then 1 end = case when ${other} is null then 1 end`
        : `${one} = ${other}`;
    });
    return conditions.join(' and ');
  }

  private hasPattern(pattern: NullPattern, table: string): string {
    return this.request.key
      .map((name) => `${table}.${quoteIdentifier(name)} is ${pattern.has(name) ? '' : 'not '}null`)
      .join(' and ');
  }

  private create(name: string, columns: string): Promise<void> {
    return createLike(this.session, { name, columns, of: this.target });
  }

  private run(sql: string, what: string) {
    return this.session.run({ sql, action: `${what} of ${this.request.target.table}` });
  }
}

function list(columns: readonly string[], table?: string): string {
  const prefix = table === undefined ? '' : `${table}.`;
  return columns.map((column) => `${prefix}${quoteIdentifier(column)}`).join(', ');
}
