import { RedshiftError } from '../redshift-error.js';
import { flatten, textOf } from '../sql/nodes.js';
import type { ForwardPlan } from '../sql/plan.js';
import { type RenderedSql, renderSql } from '../sql/rendered-sql.js';
import type { BackendLink } from './backend-link.js';
import type { Passage } from './backend-scanner.js';
import { FIELD, type ResponseFields } from './error-fields.js';
import {
  BIND_ENDS,
  CLOSE_ENDS,
  DESCRIBE_ENDS,
  EXECUTE_ENDS,
  type Expectation,
  hidden,
  PARSE_ENDS,
  passing,
} from './expectation.js';
import type { FrontendMessage } from './frontend-framer.js';
import { hiddenStatement, parseMessage, readCString } from './message-encoding.js';
import { BACKEND, FRONTEND } from './message-types.js';
import { withinNestingLimit } from './nesting-limit.js';
import type { PlannedText } from './prepared-plan.js';
import { endsTransaction, refusing, rejecting, UNPARSABLE } from './simple-query.js';
import type { SpecialPlan } from './special-statements.js';
import { placeError, type RunContext, StatementRun } from './statement-run.js';

const STATEMENT = 'S'.charCodeAt(0);

/** What the client prepared under a name. */
interface Prepared {
  /** Undefined for an empty statement, or several at once, which the server refuses. */
  readonly plan: ForwardPlan | SpecialPlan | undefined;
  readonly sql: RenderedSql;
  readonly text: string;
  /** What takes the statement's write lock, and what goes before and after each execution. */
  readonly lock: string | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What the session is left to do for a message. */
export type ExtendedAction =
  | { readonly kind: 'sent'; readonly full: boolean }
  | { readonly kind: 'write-history' }
  | { readonly kind: 'special'; readonly plan: SpecialPlan; readonly text: string };

interface ExtendedOptions extends RunContext {
  readonly link: BackendLink;
  plan(text: string): PlannedText;
  facts(plan: ForwardPlan): readonly string[];
}

/** The extended query protocol of one session: named statements and portals, and the face's own steps around an Execute. */
export class ExtendedQuery {
  readonly #options: ExtendedOptions;
  readonly #statements = new Map<string, Prepared>();
  readonly #portals = new Map<string, Prepared>();
  /** Locks that the running transaction is known to hold, as of so many ends of transactions. */
  readonly #locked = new Set<string>();
  #lockedAt = 0;

  constructor(options: ExtendedOptions) {
    this.#options = options;
  }

  /** Sends a message on, or says what to do instead. */
  handle(message: FrontendMessage): ExtendedAction {
    switch (message.type) {
      case FRONTEND.parse:
        return this.#parse(message.body);
      case FRONTEND.bind:
        return this.#bind(message);
      case FRONTEND.describe:
        return this.#relay(message, DESCRIBE_ENDS, this.#named(message.body));
      case FRONTEND.execute:
        return this.#executeOrDefer(message);
      case FRONTEND.close:
        return this.#close(message);
      case FRONTEND.functionCall:
        return this.#send(message.bytes, [{ ...passing([BACKEND.readyForQuery]), endsAtReady: true }]);
      case FRONTEND.copyData:
      case FRONTEND.copyDone:
      case FRONTEND.copyFail:
        // The rest of a COPY that has failed: the server ignores these outside of one as well.
        return { kind: 'sent', full: false };
      default:
        throw new RedshiftError({ sqlState: '08P01', message: `invalid frontend message type ${message.type}` });
    }
  }

  /** The statement that an Execute runs; undefined when it is empty, or the server knows better. */
  executed(message: FrontendMessage): ForwardPlan | SpecialPlan | undefined {
    return this.#portals.get(readCString(message.body, 0).text)?.plan;
  }

  /** Fails an Execute in the place of running it, and with it the transaction; that of a COMMIT is rolled back. */
  refuse(plan: ForwardPlan | SpecialPlan, error: RedshiftError): void {
    if (endsTransaction(plan)) this.#send(hiddenStatement('rollback'), hiddenExpectations());
    const expectation = refusing(passing(PARSE_ENDS), { plan, error, context: this.#options });
    this.#send(parseMessage('', UNPARSABLE, Buffer.alloc(2)), [expectation]);
  }

  /** Sends an Execute, with the steps that go round it. */
  execute(message: FrontendMessage): ExtendedAction {
    const prepared = this.#portals.get(readCString(message.body, 0).text);
    const plan = prepared?.plan;
    if (prepared === undefined || plan?.kind !== 'forward') return this.#relay(message, EXECUTE_ENDS, prepared);
    const run = new StatementRun(plan, this.#options);
    const before = [...this.#options.facts(plan), ...prepared.before];
    const { after } = prepared;
    run.begin();
    const parts = [...before.map(hiddenStatement), message.bytes, ...after.map(hiddenStatement)];
    const failing = (fields: ResponseFields): void => run.fail(fields);
    const expectations = [
      ...before.flatMap(() => hiddenExpectations(failing)),
      executing(run, prepared.sql),
      ...after.flatMap(() => hiddenExpectations(failing, () => run.afterStep())),
    ];
    return this.#send(parts.length === 1 ? message.bytes : Buffer.concat(parts), expectations);
  }

  #parse(body: Buffer): ExtendedAction {
    const name = readCString(body, 0);
    const text = readCString(body, name.end);
    const types = body.subarray(text.end);
    try {
      const prepared = this.#prepare(text.text);
      this.#statements.set(name.text, prepared);
      const expectation = placing(passing(PARSE_ENDS), prepared.sql);
      return this.#sendLocked(prepared, parseMessage(name.text, prepared.sql.text, types), expectation);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      const expectation = rejecting(passing(PARSE_ENDS), error);
      return this.#send(parseMessage(name.text, UNPARSABLE, Buffer.alloc(2)), [expectation]);
    }
  }

  #prepare(text: string): Prepared {
    const { plans } = this.#options.plan(text);
    const [plan] = plans;
    const nothing = { text, lock: undefined, before: [], after: [] };
    if (plan === undefined || plans.length > 1) {
      return { ...nothing, plan: undefined, sql: { text, toSource: (position) => position } };
    }
    // The server holds an empty statement in the place of one that the face runs, so that names and order stay the server's.
    if (plan.kind !== 'forward') return { ...nothing, plan, sql: renderSql([], text) };
    return withinNestingLimit(() => ({
      plan,
      sql: renderSql(flatten(plan.nodes), text),
      text,
      lock: plan.lock === undefined ? undefined : textOf(plan.lock),
      before: plan.before.map(textOf),
      after: plan.after.map(textOf),
    }));
  }

  #bind(message: FrontendMessage): ExtendedAction {
    const portal = readCString(message.body, 0);
    const prepared = this.#statements.get(readCString(message.body, portal.end).text);
    if (prepared === undefined) this.#portals.delete(portal.text);
    else this.#portals.set(portal.text, prepared);
    if (prepared === undefined) return this.#relay(message, BIND_ENDS, prepared);
    return this.#sendLocked(prepared, message.bytes, placing(passing(BIND_ENDS), prepared.sql));
  }

  #executeOrDefer(message: FrontendMessage): ExtendedAction {
    const prepared = this.#portals.get(readCString(message.body, 0).text);
    const plan = prepared?.plan;
    // What is no write may end the transaction, or give a name another meaning.
    if (prepared?.lock === undefined) this.#locked.clear();
    if (prepared === undefined || plan === undefined) return this.#relay(message, EXECUTE_ENDS, prepared);
    if (plan.kind !== 'forward') return { kind: 'special', plan, text: prepared.text };
    return plan.needs.has('query-history') ? { kind: 'write-history' } : this.execute(message);
  }

  #close(message: FrontendMessage): ExtendedAction {
    const name = readCString(message.body, 1).text;
    if (message.body[0] === STATEMENT) this.#statements.delete(name);
    else this.#portals.delete(name);
    return this.#relay(message, CLOSE_ENDS, undefined);
  }

  #named(body: Buffer): Prepared | undefined {
    const name = readCString(body, 1).text;
    return body[0] === STATEMENT ? this.#statements.get(name) : this.#portals.get(name);
  }

  #relay(message: FrontendMessage, ends: readonly number[], prepared: Prepared | undefined): ExtendedAction {
    const expectation = prepared === undefined ? passing(ends) : placing(passing(ends), prepared.sql);
    return this.#send(message.bytes, [expectation]);
  }

  /**
   * Sends a Parse or a Bind. Both make the server take a weaker lock on the table that is written; two writers that already hold
   * it would wait for each other's to end, so the write lock goes first, and lasts until the transaction ends.
   */
  #sendLocked({ lock }: Prepared, bytes: Buffer, expectation: Expectation): ExtendedAction {
    const { readyRequests } = this.#options.link;
    if (this.#lockedAt !== readyRequests) this.#locked.clear();
    this.#lockedAt = readyRequests;
    if (lock === undefined || this.#locked.has(lock)) return this.#send(bytes, [expectation]);
    this.#locked.add(lock);
    return this.#send(Buffer.concat([hiddenStatement(lock), bytes]), [...hiddenExpectations(), expectation]);
  }

  #send(bytes: Buffer, expectations: readonly Expectation[]): ExtendedAction {
    return { kind: 'sent', full: !this.#options.link.send(bytes, expectations) };
  }
}

/** Errors point into the client's text. */
function placing(expectation: Expectation, sql: RenderedSql): Expectation {
  return { ...expectation, error: (fields) => placeError(fields, sql), notice: (fields) => placeError(fields, sql) };
}

function executing(run: StatementRun, sql: RenderedSql): Expectation {
  return {
    ...placing(passing(EXECUTE_ENDS), sql),
    message: (type, body) => {
      if (type === BACKEND.commandComplete) return run.complete(body);
      if (EXECUTE_ENDS.includes(type)) run.pause();
      return 'forward';
    },
    error: (fields) => {
      run.fail(fields);
      return placeError(fields, sql);
    },
    abandoned: (cause) => run.abandon(cause),
  };
}

/** The answers to the messages of a hidden statement. */
function hiddenExpectations(
  onError: (fields: ResponseFields) => void = () => undefined,
  onEnd: () => Passage = () => 'drop',
): Expectation[] {
  const ends = [CLOSE_ENDS, CLOSE_ENDS, PARSE_ENDS, BIND_ENDS, EXECUTE_ENDS, CLOSE_ENDS];
  return [...ends.map((end) => hidden(end)), hidden(CLOSE_ENDS, onEnd)].map((answer) => ({
    ...answer,
    error: (fields) => {
      onError(fields);
      fields.delete(FIELD.where);
      fields.delete(FIELD.position);
      return fields;
    },
  }));
}
