import type { RedshiftError } from '../redshift-error.js';
import type { ForwardPlan, StatementPlan } from '../sql/plan.js';
import type { RenderedSql } from '../sql/rendered-sql.js';
import type { Passage } from './backend-scanner.js';
import { FIELD, type ResponseFields } from './error-fields.js';
import type { Expectation } from './expectation.js';
import { BACKEND, type TransactionStatus } from './message-types.js';
import type { Step } from './prepared-plan.js';
import { beginRecord, placeError, type RunContext, StatementRun } from './statement-run.js';

/** The answer to a Query message that holds a client's statements and the face's own steps around them. */
export class SimpleQueryAnswer implements Expectation {
  readonly until = [BACKEND.readyForQuery];
  readonly endsAtReady = true;
  readonly #steps: readonly Step[];
  readonly #sql: RenderedSql;
  readonly #context: RunContext;
  readonly #onReady: ((failed: boolean) => void) | undefined;
  readonly #runs = new Map<ForwardPlan, StatementRun>();
  #at = 0;
  #failed = false;

  /** With `onReady` the client does not see ReadyForQuery: the face goes on with the same message. */
  constructor(
    query: { readonly steps: readonly Step[]; readonly sql: RenderedSql },
    context: RunContext,
    onReady?: (failed: boolean) => void,
  ) {
    this.#steps = query.steps;
    this.#sql = query.sql;
    this.#context = context;
    this.#onReady = onReady;
    this.#run()?.begin();
  }

  get rows(): 'forward' | 'drop' {
    return this.#step()?.role === 'main' || this.#step() === undefined ? 'forward' : 'drop';
  }

  message(type: number, body: Buffer): Passage {
    const step = this.#step();
    if (step === undefined) return 'forward';
    const isEnd = type === BACKEND.commandComplete || type === BACKEND.emptyQueryResponse;
    if (!isEnd) return step.role === 'main' ? 'forward' : 'drop';
    const run = this.#run();
    const passage = step.role === 'main' ? run?.complete(body) : step.role === 'after' ? run?.afterStep() : 'drop';
    this.#at++;
    this.#run()?.begin();
    return passage ?? 'forward';
  }

  error(fields: ResponseFields): ResponseFields {
    this.#failed = true;
    placeError(fields, this.#sql);
    if (this.rows === 'drop') fields.delete(FIELD.where);
    this.#run()?.fail(fields);
    return fields;
  }

  notice(fields: ResponseFields): ResponseFields | undefined {
    return this.rows === 'drop' ? undefined : placeError(fields, this.#sql);
  }

  ready(_status: TransactionStatus): Passage {
    this.#onReady?.(this.#failed);
    return this.#onReady === undefined ? 'forward' : 'drop';
  }

  abandoned(): void {
    this.#run()?.abandon();
    this.#onReady?.(true);
  }

  #step(): Step | undefined {
    return this.#steps[this.#at];
  }

  #run(): StatementRun | undefined {
    const plan = this.#step()?.plan;
    if (plan === undefined) return undefined;
    const run = this.#runs.get(plan) ?? new StatementRun(plan, this.#context);
    this.#runs.set(plan, run);
    return run;
  }
}

/**
 * The answer to a statement that Redshift rejects: the server was sent something it cannot parse, so that the transaction fails
 * and messages are skipped as after any error, and the client gets the rejection in place of the server's error.
 */
export function rejecting(expectation: Expectation, error: RedshiftError): Expectation {
  return {
    ...expectation,
    until: expectation.until,
    endsAtReady: expectation.endsAtReady,
    rows: expectation.rows,
    message: (type, body) => expectation.message(type, body),
    ready: (status) => expectation.ready?.(status) ?? 'forward',
    notice: (fields) => fields,
    abandoned: (cause) => expectation.abandoned(cause),
    error: (fields) => {
      // In a failed transaction the server says so first, as Redshift does.
      if (fields.get(FIELD.code) === '25P02') return fields;
      return rejectionFields(error);
    },
  };
}

/** The answer to a statement that fails in the place of being run, and stands in the history as failed. */
export function refusing(
  expectation: Expectation,
  refusal: { readonly plan: StatementPlan; readonly error: RedshiftError; readonly context: RunContext },
): Expectation {
  const { plan, error, context } = refusal;
  const answer = rejecting(expectation, error);
  const failing = (fields: ResponseFields): ResponseFields | undefined => {
    const shown = answer.error(fields);
    context.log.end(beginRecord(context, plan.text), 'failed', 0, shown?.get(FIELD.message) ?? '');
    return shown;
  };
  return { ...answer, error: failing };
}

const COMMITS = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:commit|end)\b/i;

/** Whether an error in the place of the statement leaves no transaction behind: COMMIT, and END, its other name. */
export function endsTransaction(plan: StatementPlan): boolean {
  return plan.kind === 'forward' && plan.controlsTransaction && COMMITS.test(plan.text);
}

function rejectionFields(error: RedshiftError): ResponseFields {
  const fields: ResponseFields = new Map([
    [FIELD.severity, 'ERROR'],
    [FIELD.severityPlain, 'ERROR'],
    [FIELD.code, error.sqlState],
    [FIELD.message, error.message],
  ]);
  if (error.detail !== undefined) fields.set(FIELD.detail, error.detail);
  if (error.hint !== undefined) fields.set(FIELD.hint, error.hint);
  if (error.position !== undefined) fields.set(FIELD.position, String(error.position));
  return fields;
}

/** Text no grammar takes: the server answers it with an error, in the place where the client gets its own. */
export const UNPARSABLE = 'redshift_local_rejected';
