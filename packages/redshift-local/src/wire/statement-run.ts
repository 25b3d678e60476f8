import type { ForwardPlan } from '../sql/plan.js';
import type { RenderedSql } from '../sql/rendered-sql.js';
import type { Passage } from './backend-scanner.js';
import { FIELD, type ResponseFields } from './error-fields.js';
import { commandComplete, readCString } from './message-encoding.js';
import type { SessionState } from './session-state.js';
import type { StatementLog, StatementRecord } from './statement-log.js';

const CANCELLED = '57014';

/** What runs of statements need of their session. */
export interface RunContext {
  readonly state: SessionState;
  readonly log: StatementLog;
}

/** One execution of a client's statement: its place in the history, its tag, and the end that waits for the steps after it. */
export class StatementRun {
  readonly #plan: ForwardPlan;
  readonly #context: RunContext;
  #record: StatementRecord | undefined;
  #after: number;
  #held: Buffer | undefined;

  constructor(plan: ForwardPlan, context: RunContext) {
    this.#plan = plan;
    this.#context = context;
    this.#after = plan.after.length;
  }

  begin(): void {
    if (this.#record !== undefined) return;
    this.#record = beginRecord(this.#context, this.#plan.text);
  }

  /** CommandComplete of the client's own statement. */
  complete(body: Buffer): Passage {
    this.begin();
    const tag = readCString(body, 0).text;
    this.#end('success', rowsOf(tag));
    if (this.#plan.effect !== undefined) this.#context.state.apply(this.#plan.effect);
    const shown = this.#plan.tag === undefined ? tag : this.#plan.tag;
    if (this.#after === 0) return shown === tag ? 'forward' : commandComplete(shown);
    this.#held = commandComplete(shown);
    return 'drop';
  }

  /** The end of a step after the client's statement: the last one lets the client know that all is done. */
  afterStep(): Passage {
    this.#after--;
    const held = this.#held;
    return this.#after === 0 && held !== undefined ? held : 'drop';
  }

  /** An execution that stopped at its row limit, or held no statement. */
  pause(): void {
    this.#end('success', 0);
  }

  fail(fields: ResponseFields): void {
    this.begin();
    const status = fields.get(FIELD.code) === CANCELLED ? 'canceled' : 'failed';
    this.#end(status, 0, fields.get(FIELD.message));
  }

  /** It never came to its end: the connection was lost, or an error before it, `cause`, made the server skip it. */
  abandon(cause?: ResponseFields): void {
    if (cause !== undefined) this.fail(cause);
    else this.#end('canceled', 0, 'The connection was closed.');
  }

  #end(status: 'success' | 'failed' | 'canceled', rows: number, error?: string): void {
    if (this.#record !== undefined) this.#context.log.end(this.#record, status, rows, error);
  }
}

/** Notes the start of a statement, which becomes the session's last query. */
export function beginRecord(context: RunContext, text: string): StatementRecord {
  const { state, log } = context;
  const record = log.begin(state, text);
  state.lastQueryId = record.queryId;
  return record;
}

/** Replaces the position in the server's text by the one in the client's. */
export function placeError(fields: ResponseFields, sql: RenderedSql): ResponseFields {
  const position = fields.get(FIELD.position);
  if (position === undefined) return fields;
  const source = sql.toSource(Number(position));
  if (source === undefined) fields.delete(FIELD.position);
  else fields.set(FIELD.position, String(source));
  return fields;
}

function rowsOf(tag: string): number {
  const count = /(\d+)$/.exec(tag)?.[1];
  return count === undefined ? 0 : Number(count);
}
