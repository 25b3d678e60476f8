import pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../quote.js';
import { toSqlError } from '../sql-failures/sql-error.js';
import { cancelStatement } from './cancel-statement.js';
import { amazonRootCertificates } from './certificate-authorities.js';
import type { ConnectionSettings } from './connection-settings.js';
import { endsWithin, withDeadline } from './deadline.js';
import type { LockWait, LockWaitTimes } from './lock-wait.js';

/** What the sessions of a worker have in common. */
export interface SessionDefaults {
  /** PEM text of the authorities that may sign the server's certificate. @default Amazon's roots */
  readonly ca?: string | undefined;
  /** Until the server is ready for the first statement. @default 15000 */
  readonly connectTimeoutMs?: number;
  /** How long a cancelled statement may take to end before its session is terminated. @default 3000 */
  readonly cancelTimeoutMs?: number;
  readonly lockWait?: LockWaitTimes;
}

/** One session: for one attempt of one activity. */
export interface SessionRequest {
  readonly settings: ConnectionSettings;
  /** Schema that unqualified names mean. @default the user's own search_path */
  readonly schema?: string;
  /** Query group, under which STL_QUERY and SYS_QUERY_HISTORY keep every statement; see queryLabel. */
  readonly label: string;
  /** Aborted: the running statement is cancelled on the server, and the session's calls reject with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called while a statement waits for a lock (see runLocking), and with undefined when the wait is over. */
  readonly onLockWait?: (wait: LockWait | undefined) => void;
}

/** A row in text form: what the server sent, NULL as null. */
export type Row = Readonly<Record<string, string | null>>;

/** What a statement did. */
export interface StatementResult {
  readonly rows: readonly Row[];
  /** Rows of the command tag; 0 where it has none. */
  readonly rowCount: number;
  /** What the server said beside, for example how many rows a COPY left out. */
  readonly notices: readonly string[];
}

const KEEPALIVE_AFTER_MS = 30_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Connects, labels the session, runs `work` and closes the session however the work ends. TLS is always verified. Errors of
 * connecting are TransientError or TerminalError; those of the work pass unchanged.
 */
export async function withSession<Result>(
  request: SessionRequest & { readonly defaults: SessionDefaults },
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await Session.open(request);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** A connection to the warehouse. Statements run one after another; values come back as text. */
export class Session {
  readonly settings: ConnectionSettings;
  readonly #client: pg.Client;
  readonly #ca: string[];
  readonly #request: SessionRequest & { readonly defaults: SessionDefaults };
  #ended = false;
  #notices: string[] = [];

  private constructor(request: SessionRequest & { readonly defaults: SessionDefaults }) {
    this.#request = request;
    this.settings = request.settings;
    this.#ca = request.defaults.ca === undefined ? [...amazonRootCertificates()] : [request.defaults.ca];
    this.#client = new pg.Client({
      host: this.settings.host,
      port: this.settings.port,
      database: this.settings.database,
      user: this.settings.user,
      password: this.settings.password(),
      ssl: this.#tls(),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
      connectionTimeoutMillis: request.defaults.connectTimeoutMs ?? 15_000,
      application_name: 'starshift',
      types: { getTypeParser: () => (text: string) => text } as pg.CustomTypesConfig,
    });
    this.#client.on('notice', (notice) => this.#notices.push(notice.message ?? ''));
    // A connection that breaks between statements tells so here; the next statement fails and reports it.
    this.#client.on('error', () => {
      this.#ended = true;
    });
    this.#client.once('end', () => {
      this.#ended = true;
    });
  }

  /** See withSession. */
  static async open(request: SessionRequest & { readonly defaults: SessionDefaults }): Promise<Session> {
    request.signal?.throwIfAborted();
    const session = new Session(request);
    try {
      await session.#connect();
      return session;
    } catch (error) {
      await session.close();
      request.signal?.throwIfAborted();
      throw toSqlError(error, { action: 'Connecting', settings: request.settings });
    }
  }

  /** Process id of the session on the server. */
  get processId(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }

  /** See SessionDefaults. */
  get lockWaitTimes(): LockWaitTimes {
    return this.#request.defaults.lockWait ?? {};
  }

  /** See SessionRequest.onLockWait. */
  tellLockWait(wait: LockWait | undefined): void {
    this.#request.onLockWait?.(wait);
  }

  /**
   * Runs one statement. `action` names it in the error, for example `COPY into staging_events`. Parameters make it use the
   * extended protocol.
   */
  async run(statement: {
    readonly sql: string;
    readonly action: string;
    readonly values?: readonly (string | number | null)[];
  }): Promise<StatementResult> {
    try {
      return await this.runRaw(statement);
    } catch (error) {
      throw this.translate(error, statement.action);
    }
  }

  /** An error of runRaw as `run` would throw it; the signal's reason when that is what ended the statement. */
  translate(error: unknown, action: string): unknown {
    if (this.#request.signal?.aborted) return this.#request.signal.reason;
    return toSqlError(error, { action, settings: this.settings });
  }

  /** Like `run`, but rejects with the error as the driver gives it. */
  async runRaw(statement: {
    readonly sql: string;
    readonly values?: readonly (string | number | null)[];
  }): Promise<StatementResult> {
    const { signal } = this.#request;
    signal?.throwIfAborted();
    this.#notices = [];
    const query = this.#client.query(
      statement.values === undefined ? statement.sql : { text: statement.sql, values: [...statement.values] },
    );
    const result = await (signal === undefined ? query : this.#cancellable(query, signal));
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0, notices: this.#notices };
  }

  /** Runs `work` between BEGIN and COMMIT; rolls back when it throws. A lost COMMIT is a TransientError: the ledger knows more. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run({ sql: 'begin', action: 'BEGIN' });
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      await this.rollback();
      throw error;
    }
    await this.run({ sql: 'commit', action: 'COMMIT' });
    return result;
  }

  /** Works in another session of the same kind, while a statement of this one runs. */
  async beside<Result>(signal: AbortSignal, work: (session: Session) => Promise<Result>): Promise<Result> {
    const own = this.#request.signal;
    return withSession({ ...this.#request, signal: own === undefined ? signal : AbortSignal.any([own, signal]) }, work);
  }

  /** Ends the statement that runs, at worst together with the session; `settled` is when it has ended. Never throws. */
  async stopStatement(settled: Promise<void>): Promise<void> {
    await this.#stop(settled);
  }

  /** Ends an open transaction. Never throws: where it fails the session is broken, and the server rolls back by itself. */
  async rollback(): Promise<void> {
    if (this.#ended || this.#request.signal?.aborted) return;
    await this.#client.query('rollback').catch(() => {
      this.#ended = true;
    });
  }

  /** Ends the session; an open transaction is rolled back by the server. Never throws. */
  async close(): Promise<void> {
    const stream = (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
    if (!this.#ended && !this.#request.signal?.aborted) {
      await withDeadline(this.#client.end(), CLOSE_TIMEOUT_MS).catch(() => undefined);
    }
    this.#ended = true;
    stream.destroy();
  }

  async #connect(): Promise<void> {
    const { signal, schema, label } = this.#request;
    const abort = (): void => void this.close();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.#client.connect();
      const searchPath = schema === undefined ? '' : `set search_path to ${quoteIdentifier(schema)}; `;
      await this.#client.query(`${searchPath}set query_group to ${quoteLiteral(label)}`);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #tls(): { readonly ca: string[]; readonly rejectUnauthorized: true } {
    return { ca: this.#ca, rejectUnauthorized: true };
  }

  /** The query's result, or the signal's reason once the server has stopped it or will not. */
  async #cancellable<Result>(query: Promise<Result>, signal: AbortSignal): Promise<Result> {
    const settled = query.then(
      () => undefined,
      () => undefined,
    );
    let abort = (): void => undefined;
    const stopped = new Promise<never>((_, reject) => {
      abort = () => void this.#stop(settled).finally(() => reject(signal.reason));
    });
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([query, stopped]);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** First asks the server to cancel the statement, then to terminate the session; at last only the socket is left to close. */
  async #stop(settled: Promise<void>): Promise<void> {
    const timeoutMs = this.#request.defaults.cancelTimeoutMs ?? 3_000;
    const { host, port } = this.settings;
    const secretKey = (this.#client as unknown as { secretKey: number }).secretKey;
    // A request that failed is answered by the next means, so its error tells nothing.
    await cancelStatement({ host, port, processId: this.processId, secretKey, ssl: this.#tls(), timeoutMs }).catch(
      () => undefined,
    );
    if (await endsWithin(settled, timeoutMs)) return;
    await this.#terminate().catch(() => undefined);
    await endsWithin(settled, timeoutMs);
  }

  async #terminate(): Promise<void> {
    const { signal: _aborted, ...request } = this.#request;
    await withSession(request, (other) =>
      other.run({ sql: `select pg_terminate_backend(${this.processId})`, action: 'Terminating a session' }),
    );
  }
}
