import { RedshiftError } from '../redshift-error.js';
import type { ForwardPlan, StatementPlan } from '../sql/plan.js';
import { quoteLiteral } from '../sql/string-literal.js';
import type { BackendLink } from './backend-link.js';
import { errorResponse } from './error-fields.js';
import type { InternalSession } from './internal-session.js';
import { commandComplete, queryMessage, readyForQuery } from './message-encoding.js';
import { withinNestingLimit } from './nesting-limit.js';
import { type JoinedSteps, joinPlanned, type PlanCache, type PlannedText } from './prepared-plan.js';
import type { SessionState } from './session-state.js';
import { endsTransaction, refusing, rejecting, SimpleQueryAnswer, UNPARSABLE } from './simple-query.js';
import { type EndpointServices, runSpecial, type SpecialPlan } from './special-statements.js';
import type { RunContext } from './statement-run.js';

/** What a runner works with: one session of a client. */
export interface QueryRunnerOptions {
  readonly link: BackendLink;
  readonly session: InternalSession;
  readonly state: SessionState;
  readonly services: EndpointServices;
  readonly plans: PlanCache;
  /** Bytes for the client. */
  write(bytes: Buffer): void;
}

/** Runs Query messages, and statements that the face runs itself wherever they stand. */
export class QueryRunner {
  readonly #link: BackendLink;
  readonly #session: InternalSession;
  readonly #state: SessionState;
  readonly #services: EndpointServices;
  readonly #plans: PlanCache;
  readonly #write: (bytes: Buffer) => void;

  constructor(options: QueryRunnerOptions) {
    this.#link = options.link;
    this.#session = options.session;
    this.#state = options.state;
    this.#services = options.services;
    this.#plans = options.plans;
    this.#write = (bytes) => options.write(bytes);
  }

  /** Runs the text of a Query message; a promise when the client's next message must wait for it. */
  query(text: string): Promise<void> | undefined {
    let planned: PlannedText;
    try {
      planned = this.plan(text);
    } catch (error) {
      this.#reject(error);
      return undefined;
    }
    const { forwarded } = planned;
    if (forwarded === undefined) return this.#runMixed(planned);
    if (forwarded.some((plan) => plan.needs.has('query-history'))) {
      return this.writeHistory().then(() => this.#forwardQuery(forwarded, text));
    }
    this.#forwardQuery(forwarded, text);
    return undefined;
  }

  /** Fails a Query message in the place of running it, and with it the transaction; that of a COMMIT is rolled back. */
  refuse({ plans }: PlannedText, error: RedshiftError): void {
    const [plan] = plans;
    if (plan === undefined) throw new Error('an empty query cannot fail');
    if (plans.some(endsTransaction)) this.#session.query('rollback').catch(() => undefined);
    const nothing = { steps: [], sql: { text: UNPARSABLE, toSource: () => undefined } };
    const answer = new SimpleQueryAnswer(nothing, this.#runContext());
    this.#link.send(queryMessage(UNPARSABLE), [refusing(answer, { plan, error, context: this.#runContext() })]);
  }

  #forwardQuery(plans: readonly ForwardPlan[], text: string, onReady?: (failed: boolean) => void): void {
    // An error while the history was written makes the server skip this message as well.
    if (this.#link.skipping) return;
    let query: JoinedSteps;
    try {
      query = withinNestingLimit(() => joinPlanned(plans, text, (plan) => sessionFacts(plan, this.#state)));
    } catch (error) {
      this.#reject(error, onReady);
      return;
    }
    const answer = new SimpleQueryAnswer(query, this.#runContext(), onReady);
    this.#link.send(queryMessage(query.sql.text), [answer]);
  }

  #reject(error: unknown, onReady?: (failed: boolean) => void): void {
    if (!(error instanceof RedshiftError)) throw error;
    const nothing = { steps: [], sql: { text: UNPARSABLE, toSource: () => undefined } };
    const answer = new SimpleQueryAnswer(nothing, this.#runContext(), onReady);
    this.#link.send(queryMessage(UNPARSABLE), [rejecting(answer, error)]);
  }

  /** A Query message with statements that the face runs itself: all of it is one transaction, unless it says otherwise. */
  async #runMixed({ plans, text }: PlannedText): Promise<void> {
    await this.#link.settled();
    if (this.#link.skipping) return;
    const controls = plans.some((plan) => plan.kind === 'forward' && plan.controlsTransaction);
    const wrap = plans.length > 1 && this.#link.status === 'I' && !controls;
    let failed = false;
    for (const run of runsOf(plans)) {
      if (wrap && this.#link.status === 'I') await this.#session.query('begin');
      failed = await this.#runPart(run, text);
      if (failed) break;
    }
    if (wrap && this.#link.status !== 'I') await this.#endWrapped(failed);
    this.#write(readyForQuery(this.#link.status));
  }

  async #endWrapped(failed: boolean): Promise<void> {
    try {
      await this.#session.query(failed ? 'rollback' : 'commit');
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      this.#write(errorResponse(error));
    }
  }

  async #runPart(run: SpecialPlan | readonly ForwardPlan[], text: string): Promise<boolean> {
    if (!('kind' in run)) {
      if (run.some((plan) => plan.needs.has('query-history'))) await this.writeHistory();
      return await new Promise((resolve) => this.#forwardQuery(run, text, resolve));
    }
    return !(await this.#special(run, text));
  }

  /** Execute of a statement that the face runs itself, in the midst of a pipeline. */
  async executeSpecial(plan: SpecialPlan, text: string): Promise<void> {
    await this.#link.settled();
    if (this.#link.skipping) return;
    // The state in the midst of a pipeline is not known until the server is asked.
    await this.#session.query('');
    if (!(await this.#special(plan, text))) this.#link.skipping = true;
  }

  async #special(plan: SpecialPlan, text: string): Promise<boolean> {
    try {
      if (this.#link.status === 'E') await this.#session.query('select 1');
      const outcome = await runSpecial(plan, {
        session: this.#session,
        state: this.#state,
        services: this.#services,
        text,
        inBlock: this.#link.status !== 'I',
      });
      for (const notice of outcome.notices) this.#write(notice);
      this.#write(commandComplete(outcome.tag));
      return true;
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      await this.#failBlock();
      this.#write(errorResponse(error));
      return false;
    }
  }

  /** An error of the face fails the client's transaction as one of the server does. */
  async #failBlock(): Promise<void> {
    if (this.#link.status === 'T') await this.#session.query(UNPARSABLE).catch(() => undefined);
  }

  /** Makes the history views current. A history that cannot be written is no reason to fail the client's statement. */
  async writeHistory(): Promise<void> {
    const { database } = this.#state;
    try {
      await this.#services.log.write(database, await this.#services.admin(database));
    } catch (error) {
      this.#services.write(
        `the history of ${database} could not be written: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  /** The plan of a text, unless Redshift rejects it. */
  planned(text: string): PlannedText | undefined {
    try {
      return this.plan(text);
    } catch (error) {
      if (error instanceof RedshiftError) return undefined;
      throw error;
    }
  }

  /** Throws RedshiftError for what Redshift rejects. */
  plan(text: string): PlannedText {
    return withinNestingLimit(() => this.#plans.plan(text, { caseSensitive: this.#state.caseSensitive }));
  }

  #runContext(): RunContext {
    return { state: this.#state, log: this.#services.log };
  }
}

/** Statements that make facts of the session readable for the functions that report them. */
export function sessionFacts(plan: ForwardPlan, state: SessionState): string[] {
  const settings: [string, number][] = [];
  if (plan.needs.has('last-query')) settings.push(['last_query_id', state.lastQueryId]);
  if (plan.needs.has('last-copy')) {
    settings.push(['last_copy_id', state.lastCopyId], ['last_copy_count', state.lastCopyCount]);
  }
  return settings.map(
    ([name, value]) => `select set_config('redshift_local.${name}', ${quoteLiteral(String(value))}, false)`,
  );
}

/** Cuts statements into runs that go to the server together and those that the face runs itself. */
function runsOf(plans: readonly StatementPlan[]): (SpecialPlan | ForwardPlan[])[] {
  const runs: (SpecialPlan | ForwardPlan[])[] = [];
  for (const plan of plans) {
    const last = runs.at(-1);
    if (plan.kind !== 'forward') runs.push(plan);
    else if (Array.isArray(last) && !plan.controlsTransaction && !last.at(-1)?.controlsTransaction) last.push(plan);
    else runs.push([plan]);
  }
  return runs;
}
