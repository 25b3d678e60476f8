import { RedshiftError } from '../redshift-error.js';
import { flatten } from '../sql/nodes.js';
import type { ForwardPlan } from '../sql/plan.js';
import { type RenderedSql, renderSql } from '../sql/rendered-sql.js';
import type { BackendLink } from './backend-link.js';
import { FIELD } from './error-fields.js';
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
import type { PlannedText } from './prepared-plan.js';
import { rejecting, UNPARSABLE } from './simple-query.js';
import type { SpecialPlan } from './special-statements.js';
import { placeError, type RunContext, StatementRun } from './statement-run.js';

const STATEMENT = 'S'.charCodeAt(0);

/** What the client prepared under a name. */
interface Prepared {
  /** Undefined for an empty statement, or several at once, which the server refuses. */
  readonly plan: ForwardPlan | SpecialPlan | undefined;
  readonly sql: RenderedSql;
  readonly text: string;
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

  /** Sends an Execute, with the steps that go round it. */
  execute(message: FrontendMessage): ExtendedAction {
    const prepared = this.#portals.get(readCString(message.body, 0).text);
    const plan = prepared?.plan;
    if (prepared === undefined || plan?.kind !== 'forward') return this.#relay(message, EXECUTE_ENDS, prepared);
    const run = new StatementRun(plan, this.#options);
    const before = [...this.#options.facts(plan), ...plan.before.map((nodes) => textOfNodes(nodes))];
    const after = plan.after.map((nodes) => textOfNodes(nodes));
    run.begin();
    const parts = [...before.map(hiddenStatement), message.bytes, ...after.map(hiddenStatement)];
    const expectations = [
      ...before.flatMap(() => hiddenExpectations(run, false)),
      executing(run, prepared.sql),
      ...after.flatMap(() => hiddenExpectations(run, true)),
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
      return this.#send(parseMessage(name.text, prepared.sql.text, types), [expectation]);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      const expectation = rejecting(passing(PARSE_ENDS), error);
      return this.#send(parseMessage(name.text, UNPARSABLE, Buffer.alloc(2)), [expectation]);
    }
  }

  #prepare(text: string): Prepared {
    const { plans } = this.#options.plan(text);
    const [plan] = plans;
    if (plan === undefined || plans.length > 1) {
      return { plan: undefined, sql: { text, toSource: (position) => position }, text };
    }
    // The server holds an empty statement in the place of one that the face runs, so that names and order stay the server's.
    const tokens = plan.kind === 'forward' ? flatten(plan.nodes) : [];
    return { plan, sql: renderSql(tokens, text), text };
  }

  #bind(message: FrontendMessage): ExtendedAction {
    const portal = readCString(message.body, 0);
    const prepared = this.#statements.get(readCString(message.body, portal.end).text);
    if (prepared === undefined) this.#portals.delete(portal.text);
    else this.#portals.set(portal.text, prepared);
    return this.#relay(message, BIND_ENDS, prepared);
  }

  #executeOrDefer(message: FrontendMessage): ExtendedAction {
    const prepared = this.#portals.get(readCString(message.body, 0).text);
    const plan = prepared?.plan;
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

  #send(bytes: Buffer, expectations: readonly Expectation[]): ExtendedAction {
    return { kind: 'sent', full: !this.#options.link.send(bytes, expectations) };
  }
}

function textOfNodes(nodes: Parameters<typeof flatten>[0]): string {
  return flatten(nodes)
    .map((token) => token.text)
    .join('');
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
    abandoned: () => run.abandon(),
  };
}

/** The four answers to a hidden statement: Parse, Bind, Execute, Close. */
function hiddenExpectations(run: StatementRun, isAfter: boolean): Expectation[] {
  const answers = [
    hidden(PARSE_ENDS),
    hidden(BIND_ENDS),
    hidden(EXECUTE_ENDS),
    hidden(CLOSE_ENDS, () => (isAfter ? run.afterStep() : 'drop')),
  ];
  return answers.map((answer) => ({
    ...answer,
    error: (fields) => {
      run.fail(fields);
      fields.delete(FIELD.where);
      return fields;
    },
  }));
}
