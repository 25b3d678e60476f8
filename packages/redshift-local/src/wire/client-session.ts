import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RedshiftError } from '../redshift-error.js';
import type { ForwardPlan, StatementPlan } from '../sql/plan.js';
import { quoteLiteral } from '../sql/string-literal.js';
import { BackendLink } from './backend-link.js';
import { errorResponse } from './error-fields.js';
import { syncing } from './expectation.js';
import { ExtendedQuery } from './extended-query.js';
import { FrontendFramer, type FrontendMessage } from './frontend-framer.js';
import { InternalSession, starting } from './internal-session.js';
import { commandComplete, queryMessage, readCString, readyForQuery, TERMINATE_MESSAGE } from './message-encoding.js';
import { FRONTEND } from './message-types.js';
import { joinPlanned, type PlanCache, type PlannedText } from './prepared-plan.js';
import { SessionState } from './session-state.js';
import { rejecting, SimpleQueryAnswer, UNPARSABLE } from './simple-query.js';
import { type EndpointServices, runSpecial, type SpecialPlan } from './special-statements.js';

/** What a client may send ahead while the face runs a statement itself. */
const READ_AHEAD_BYTES = 1024 * 1024;

/** What a session needs of its endpoint. */
export interface SessionOptions {
  readonly client: Duplex;
  readonly backend: Socket;
  readonly plans: PlanCache;
  readonly services: EndpointServices;
  readonly user: string;
  readonly database: string;
  /** BackendKeyData came: the session can be cancelled. */
  onKey(session: ClientSession, key: Buffer): void;
  onClose(session: ClientSession): void;
  /** Sends a CancelRequest to the server. */
  cancelBackend(key: Buffer): void;
}

/** One client connection after its startup packet. */
export class ClientSession {
  readonly state = new SessionState();
  readonly #options: SessionOptions;
  readonly #client: Duplex;
  readonly #backend: Socket;
  readonly #framer = new FrontendFramer();
  readonly #link: BackendLink;
  readonly #internal: InternalSession;
  readonly #extended: ExtendedQuery;
  #key: Buffer | undefined;
  #busy = false;
  #started = false;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#backend = options.backend;
    this.state.user = options.user;
    this.state.database = options.database;
    this.#link = new BackendLink(options.backend, {
      write: (bytes) => this.#write(bytes),
      key: (body) => this.#setKey(body),
    });
    this.#internal = new InternalSession(this.#link, options.backend, this.state);
    this.#extended = new ExtendedQuery({
      link: this.#link,
      state: this.state,
      log: options.services.log,
      plan: (text) => this.#plan(text),
      facts: (plan) => this.#facts(plan),
    });
    this.#connectEvents();
  }

  /** Sends the startup message and relays from there on; `head` is what the client has sent after its packet. */
  start(startup: Buffer, head: Buffer): void {
    this.#link.send(startup, [
      starting(() => {
        this.#started = true;
        queueMicrotask(() => this.#pump());
      }),
    ]);
    if (head.length > 0) this.#receive(head);
  }

  /** Ends the running statement, as CancelRequest asks. */
  cancel(): void {
    this.#internal.abort(new Error("cancelled on user's request"));
    if (this.#key !== undefined) this.#options.cancelBackend(this.#key);
  }

  /** Ends a load that the server itself has nothing to cancel of. */
  cancelLoad(): void {
    if (this.#busy) this.#internal.abort(new Error("cancelled on user's request"));
  }

  /** Closes both sides. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#internal.abort(new Error('the client is gone'));
    // After a half-close the server ends the running statement's transaction as it would for any client that is gone.
    if (!this.#backend.destroyed) this.#backend.end(TERMINATE_MESSAGE);
    this.#client.destroy();
    this.#options.onClose(this);
  }

  #connectEvents(): void {
    this.#client.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#client.on('end', () => this.close());
    this.#client.on('close', () => this.close());
    this.#client.on('error', () => this.close());
    this.#client.on('drain', () => this.#link.resume());
    this.#backend.on('drain', () => this.#client.resume());
    this.#backend.on('error', (error) => this.#fatal(connectionLost(error)));
    this.#backend.on('close', () => this.#backendGone());
  }

  /** What the server said last goes out before the client's connection ends. */
  #backendGone(): void {
    if (this.#closed) return;
    this.#client.end(() => this.close());
  }

  #setKey(body: Buffer): void {
    this.#key = body;
    this.state.processId = body.readInt32BE(0);
    this.#options.onKey(this, body);
  }

  #write(bytes: Buffer): boolean {
    return this.#client.writable ? this.#client.write(bytes) : true;
  }

  #receive(chunk: Buffer): void {
    this.#framer.push(chunk);
    if (this.#busy && this.#framer.bufferedBytes > READ_AHEAD_BYTES) this.#client.pause();
    this.#pump();
  }

  #pump(): void {
    if (this.#busy || this.#closed) return;
    this.#link.beginBatch();
    try {
      for (let next = this.#framer.next(); next !== undefined; next = this.#framer.next()) {
        const pending = this.#handle(next);
        if (pending === undefined) continue;
        this.#wait(pending);
        break;
      }
    } catch (error) {
      this.#fatal(error);
    } finally {
      this.#link.endBatch();
    }
    if (this.#backend.writableNeedDrain) this.#client.pause();
  }

  #wait(pending: Promise<void>): void {
    this.#busy = true;
    pending.then(
      () => {
        this.#busy = false;
        this.#client.resume();
        this.#pump();
      },
      (error: unknown) => this.#fatal(error),
    );
  }

  #fatal(error: unknown): void {
    if (this.#closed) return;
    const known = error instanceof RedshiftError;
    const message = error instanceof Error ? error.message : String(error);
    if (!known) this.#options.services.write(`session ${this.state.processId}: ${message}`);
    const shown = known
      ? error
      : new RedshiftError({ sqlState: 'XX000', message: `redshift-local failed: ${message}` });
    this.#client.end(errorResponse(shown, 'FATAL'), () => this.close());
  }

  #send(message: FrontendMessage): void {
    if (!this.#link.send(message.bytes, [])) this.#client.pause();
  }

  #handle(message: FrontendMessage): Promise<void> | undefined {
    if (message.type === FRONTEND.terminate) {
      this.close();
      return undefined;
    }
    if (message.type === FRONTEND.password && !this.#started) {
      this.#send(message);
      return undefined;
    }
    if (message.type === FRONTEND.sync) {
      if (!this.#link.send(message.bytes, [syncing()])) this.#client.pause();
      return undefined;
    }
    if (this.#link.skipping) return undefined;
    return message.type === FRONTEND.query ? this.#simpleQuery(message) : this.#extendedMessage(message);
  }

  #extendedMessage(message: FrontendMessage): Promise<void> | undefined {
    if (message.type === FRONTEND.flush) {
      this.#send(message);
      return undefined;
    }
    const action = this.#extended.handle(message);
    if (action.kind === 'sent') {
      if (action.full) this.#client.pause();
      return undefined;
    }
    if (action.kind === 'write-history') {
      return this.#writeHistory().then(() => {
        this.#extended.execute(message);
      });
    }
    return this.#executeSpecial(action.plan, action.text);
  }

  #simpleQuery(message: FrontendMessage): Promise<void> | undefined {
    const text = readCString(message.body, 0).text;
    let planned: PlannedText;
    try {
      planned = this.#plan(text);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      const answer = new SimpleQueryAnswer({ steps: [], sql: { text, toSource: () => undefined } }, this.#runContext());
      this.#link.send(queryMessage(UNPARSABLE), [rejecting(answer, error)]);
      return undefined;
    }
    const { forwarded } = planned;
    if (forwarded === undefined) return this.#runMixed(planned);
    if (forwarded.some((plan) => plan.needs.has('query-history'))) {
      return this.#writeHistory().then(() => this.#forwardQuery(forwarded, text));
    }
    this.#forwardQuery(forwarded, text);
    return undefined;
  }

  #forwardQuery(plans: readonly ForwardPlan[], text: string, onReady?: (failed: boolean) => void): void {
    const query = joinPlanned(plans, text, (plan) => this.#facts(plan));
    const answer = new SimpleQueryAnswer(query, this.#runContext(), onReady);
    if (!this.#link.send(queryMessage(query.sql.text), [answer])) this.#client.pause();
  }

  /** A Query message with statements that the face runs itself: all of it is one transaction, unless it says otherwise. */
  async #runMixed({ plans, text }: PlannedText): Promise<void> {
    await this.#link.settled();
    const controls = plans.some((plan) => plan.kind === 'forward' && plan.controlsTransaction);
    const wrap = plans.length > 1 && this.#link.status === 'I' && !controls;
    let failed = false;
    for (const run of runsOf(plans)) {
      if (wrap && this.#link.status === 'I') await this.#internal.query('begin');
      failed = await this.#runPart(run, text);
      if (failed) break;
    }
    if (wrap && this.#link.status !== 'I') await this.#endWrapped(failed);
    this.#write(readyForQuery(this.#link.status));
  }

  async #endWrapped(failed: boolean): Promise<void> {
    try {
      await this.#internal.query(failed ? 'rollback' : 'commit');
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      this.#write(errorResponse(error));
    }
  }

  async #runPart(run: SpecialPlan | readonly ForwardPlan[], text: string): Promise<boolean> {
    if (!('kind' in run)) {
      if (run.some((plan) => plan.needs.has('query-history'))) await this.#writeHistory();
      return await new Promise((resolve) => this.#forwardQuery(run, text, resolve));
    }
    return !(await this.#special(run, text));
  }

  /** Execute of a statement that the face runs itself, in the midst of a pipeline. */
  async #executeSpecial(plan: SpecialPlan, text: string): Promise<void> {
    await this.#link.settled();
    if (this.#link.skipping) return;
    // The state in the midst of a pipeline is not known until the server is asked.
    await this.#internal.query('');
    if (!(await this.#special(plan, text))) this.#link.skipping = true;
  }

  async #special(plan: SpecialPlan, text: string): Promise<boolean> {
    try {
      if (this.#link.status === 'E') await this.#internal.query('select 1');
      const outcome = await runSpecial(plan, {
        session: this.#internal,
        state: this.state,
        services: this.#options.services,
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
    if (this.#link.status === 'T') await this.#internal.query(UNPARSABLE).catch(() => undefined);
  }

  async #writeHistory(): Promise<void> {
    const { services } = this.#options;
    await services.log.write(this.state.database, await services.admin(this.state.database));
  }

  #plan(text: string): PlannedText {
    return this.#options.plans.plan(text, { caseSensitive: this.state.caseSensitive });
  }

  #runContext(): { readonly state: SessionState; readonly log: EndpointServices['log'] } {
    return { state: this.state, log: this.#options.services.log };
  }

  /** Statements that make facts of the session readable for the functions that report them. */
  #facts(plan: ForwardPlan): string[] {
    const { state } = this;
    const settings: [string, number][] = [];
    if (plan.needs.has('last-query')) settings.push(['last_query_id', state.lastQueryId]);
    if (plan.needs.has('last-copy')) {
      settings.push(['last_copy_id', state.lastCopyId], ['last_copy_count', state.lastCopyCount]);
    }
    return settings.map(
      ([name, value]) => `select set_config('redshift_local.${name}', ${quoteLiteral(String(value))}, false)`,
    );
  }
}

function connectionLost(cause: Error): RedshiftError {
  return new RedshiftError({
    sqlState: '08006',
    message: `connection to the database server failed: ${cause.message}`,
    cause,
  });
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
