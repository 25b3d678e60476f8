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
