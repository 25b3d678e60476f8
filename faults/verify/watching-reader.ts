import { setTimeout as delay } from 'node:timers/promises';
import { type SqlEndpoint, WarehouseSql } from '../warehouse-sql.js';
import type { Finding } from './finding.js';

/** Rows that a reader may see in each table. */
export interface VisibleRows {
  readonly before: number;
  readonly after: number;
  /** The run drops the table and makes it anew, so readers may find it empty in between. */
  readonly remade: boolean;
}

const LOOK_EVERY_MS = 40;

/**
 * Somebody who reads the tables all the time while a run loads them. Every table goes from what it held before to what it holds
 * afterwards in one step and never back; nothing else may be seen of it.
 */
export class WatchingReader {
  readonly #findings = new Map<string, Finding>();
  /** How far each table is: an index into what may be seen of it, one after the other. */
  readonly #reached = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #sql: WarehouseSql | undefined;
  #looks = 0;

  private constructor(
    private readonly endpoint: SqlEndpoint,
    private readonly schema: string,
    private readonly tables: ReadonlyMap<string, VisibleRows>,
  ) {
    this.#watching = this.#watch();
  }

  static start(request: {
    readonly endpoint: SqlEndpoint;
    readonly schema: string;
    readonly tables: ReadonlyMap<string, VisibleRows>;
  }): WatchingReader {
    return new WatchingReader(request.endpoint, request.schema, request.tables);
  }

  /** How often it has read all the tables. */
  get looks(): number {
    return this.#looks;
  }

  /** Ends its session. */
  async stop(): Promise<readonly Finding[]> {
    this.#stop.abort();
    await this.#watching;
    return [...this.#findings.values()];
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The cluster may be away, and the tables may not be there yet: looked again.
      await this.#look().catch(() => this.#disconnect());
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.#disconnect();
  }

  async #look(): Promise<void> {
    this.#sql ??= await WarehouseSql.connect(this.endpoint);
    const counts = [...this.tables.keys()].map((table) => `select '${table}', count(*) from ${this.schema}.${table}`);
    for (const [table, count] of await this.#sql.rows(counts.join(' union all '))) {
      this.#judge(String(table), Number(count));
    }
    this.#looks += 1;
  }

  async #disconnect(): Promise<void> {
    const sql = this.#sql;
    this.#sql = undefined;
    await sql?.close().catch(() => undefined);
  }

  #judge(table: string, rows: number): void {
    const visible = this.tables.get(table);
    if (visible === undefined) return;
    const { before, after, remade } = visible;
    const stages = remade ? [before, 0, after] : [before, after];
    const from = this.#reached.get(table) ?? 0;
    const found = stages.indexOf(rows, from);
    if (found >= 0) {
      this.#reached.set(table, found);
      return;
    }
    const again = from === stages.length - 1 ? ', after it had seen the new ones' : '';
    const text = `a reader saw ${rows} rows in ${table}${again}; there were ${before} before and are ${after} now`;
    this.#findings.set(`${table} ${rows}`, { trouble: 'reader', count: 1, text });
  }
}
