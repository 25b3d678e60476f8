import type { CheckPlan, TableRole, WarehousePlan } from '../../domain/plan.js';
import type { CopyOptions } from './warehouse-file.js';

/** A folder that holds one folder a warehouse. */
export interface WarehouseFolders {
  /** Names of the folders with a warehouse.yaml, sorted. */
  list(): Promise<string[]>;
  /**
   * Reads and validates a whole warehouse folder. Read anew at each call; parsed anew only when a file has changed.
   * @throws InvalidWarehouseError with every error at once, or naming the warehouses that exist
   */
  load(name: string): Promise<Warehouse>;
}

export interface PlanRequest {
  readonly schema: string;
  /** @default the warehouse's defaultDesign */
  readonly design?: string;
  /** Absent where nothing is loaded; stage steps are then left out of the plan. */
  readonly source?: { readonly url: string };
}

/**
 * A validated warehouse. SQL names tables without their schema: whoever runs it sets `search_path`. No statement ends in a semicolon,
 * so a check or question may be wrapped: `select count(*) from (...) as offending`.
 */
export interface Warehouse {
  readonly name: string;
  readonly title: string;
  /** Hash of the folder's content, first 12 hex digits. */
  readonly revision: string;
  /** In the order of creation: a table before those that refer to it. Drop in reverse order. */
  readonly tables: readonly WarehouseTable[];
  readonly designs: readonly WarehouseDesign[];
  readonly defaultDesign: string;
  readonly questions: readonly WarehouseQuestion[];
  /** @throws InvalidWarehouseError when there is no such design */
  plan(request: PlanRequest): WarehousePlan;
  /**
   * One CREATE TABLE a table, in order, with the design's attributes after the closing parenthesis.
   * @throws InvalidWarehouseError when there is no such design
   */
  createStatements(design: string): readonly CreateStatement[];
  /** @throws InvalidWarehouseError when there is no such source */
  copySpec(sourceName: string): CopySpec;
  /** `insert into t (...) select ...` of a transform step. @throws InvalidWarehouseError when there is no such step */
  loadStatement(step: string): string;
  /** The same statement and everything an incremental load needs to know of it. @throws InvalidWarehouseError when there is no such step */
  transform(step: string): TransformStatement;
  /** @throws InvalidWarehouseError when there is no such check */
  check(id: string): WarehouseCheck;
  /** @throws InvalidWarehouseError when there is no such question */
  question(id: string): WarehouseQuestion;
}

export interface WarehouseTable {
  readonly name: string;
  readonly role: TableRole;
  /** Columns that identify a row across loads; null counts as a value. */
  readonly key: readonly string[];
  /** In the order of the CREATE TABLE. */
  readonly columns: readonly string[];
}

/** An INSERT, taken apart. */
export interface InsertStatement {
  /** `insert into t (...) select ...`. */
  readonly sql: string;
  /** The columns that it names. */
  readonly columns: readonly string[];
  /** `select ...` or `with ...`: its values, in the order of the columns. */
  readonly query: string;
}

/** What a transform step runs: the definition of its table. */
export interface TransformStatement extends InsertStatement {
  readonly table: string;
  /** As in WarehouseTable. */
  readonly key: readonly string[];
  readonly lineage: Lineage;
  /** What load/<table>.incremental.sql says, where there is one. */
  readonly incremental?: IncrementalStatement;
}

/** A statement that gives the rows of the keys that newly staged rows affect. */
export interface IncrementalStatement extends InsertStatement {
  /** The staging tables whose new rows it reads, each under the name newRowsTable gives. */
  readonly newRowsOf: readonly string[];
}

/** Where the rows of a table come from. */
export interface Lineage {
  /** Tables filled by COPY that its statements read. */
  readonly staged: readonly string[];
  /** Tables filled by other transforms that they read, and the tables filled by COPY that are behind each. */
  readonly derived: readonly { readonly table: string; readonly sources: readonly string[] }[];
}

/** Name under which an incremental statement reads the rows of a staging table that its target has not taken in. */
export function newRowsTable(staging: string): string {
  return `new_${staging}`;
}

export interface WarehouseDesign {
  readonly name: string;
  readonly title: string;
}

export interface CreateStatement {
  readonly table: string;
  readonly sql: string;
}

/** What COPY is told about a source, as data. */
export interface CopySpec {
  /** Relative to the run's source URL, without a leading slash. */
  readonly prefix: string;
  readonly format: 'json';
  /** `auto`, `auto ignorecase`, or the key of a JSONPaths file relative to the run's source URL. */
  readonly jsonpaths: string;
  /** `auto`: by the names of the listed objects (.gz, .bz2, .zst); an option of COPY otherwise. */
  readonly compression: 'auto' | 'none' | 'gzip' | 'bzip2' | 'zstd';
  readonly options: CopyOptions;
}

/** A query whose rows are the offending ones. */
export interface WarehouseCheck extends CheckPlan {
  readonly sql: string;
}

export interface WarehouseQuestion {
  readonly id: string;
  readonly title: string;
  readonly chart: QuestionChart;
  readonly sql: string;
}

/** How an answer is shown; x, y and series are columns of the result. */
export interface QuestionChart {
  readonly kind: 'bar' | 'line' | 'heatmap' | 'table';
  readonly x?: string | undefined;
  readonly y?: readonly string[] | undefined;
  readonly series?: string | undefined;
}
