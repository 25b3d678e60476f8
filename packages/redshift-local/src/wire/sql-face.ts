import { connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { S3Settings } from '../copy/s3-settings.js';
import type { EndpointFaults } from '../faults/endpoint-faults.js';
import { RedshiftError } from '../redshift-error.js';
import { AdminConnections, type BackendAddress } from './admin-connections.js';
import { ClientSession } from './client-session.js';
import { type OpenedConnection, openConnection, refuse } from './connection-opening.js';
import { reserveQueryIds, settleRecords } from './endpoint-records.js';
import { cancelRequest, negotiateProtocolVersion, startupMessage } from './message-encoding.js';
import { PlanCache } from './prepared-plan.js';
import { QueryIds } from './query-ids.js';
import { SessionRegister } from './session-register.js';
import type { EndpointServices } from './special-statements.js';
import { backendParameters } from './startup-packet.js';
import { StatementLog } from './statement-log.js';

/** What one SQL endpoint is made of. */
export interface SqlFaceOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Key and certificate chain of the endpoint, PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Refuses clients that do not ask for TLS, as a cluster does with `require_ssl` on. */
  readonly requireSsl: boolean;
  /** The PostgreSQL server behind the endpoint, reached over loopback without TLS. */
  readonly backend: BackendAddress;
  readonly clusterIdentifier: string;
  /** Slices of the cluster, as COPY reports them. */
  readonly slices: number;
  readonly s3: S3Settings;
  /** Set when faults may be injected. */
  readonly faults?: EndpointFaults;
  readonly log: (line: string) => void;
}

/** A running SQL endpoint. */
export interface SqlFace {
  readonly port: number;
  /** Stops listening, ends every session, and resolves when all connections are closed. */
  close(): Promise<void>;
}

/** Starts the SQL endpoint of a cluster. Rejects with the system's error when the port or the server cannot be had. */
export async function startSqlFace(options: SqlFaceOptions): Promise<SqlFace> {
  const write = (line: string): void => options.log(`${options.clusterIdentifier}: ${line}`);
  const sessions = new SessionRegister();
  const admin = new AdminConnections(options.backend, {
    onCancel: (processId) => sessions.byProcess(processId)?.cancelLoad(),
    onError: (error) => write(`administration connection: ${error.message}`),
  });
  const ids = await openQueryIds(admin, write);
  const face = new RunningFace({ options, admin, ids, sessions });
  await face.listen();
  return face;
}

async function openQueryIds(admin: AdminConnections, write: (line: string) => void): Promise<QueryIds> {
  const greatest = await settleRecords(admin, (database, error) =>
    write(`the records of ${database} could not be settled: ${error.message}`),
  );
  const store = {
    reserve: (floor: number, count: number) => reserveQueryIds(admin, floor, count),
    onError: (error: Error) => write(`query ids could not be reserved: ${error.message}`),
  };
  return await QueryIds.open(store, greatest);
}

/** How long running statements may take to end when the endpoint closes. */
const CLOSE_WITHIN_MS = 5000;

/** What GetClusterCredentials and GetClusterCredentialsWithIAM put before the names of logins. */
const TEMPORARY_LOGIN = /^IAM[AR]?:/;

/** PostgreSQL's own databases. A session in one of them would keep others from being created. */
const TEMPLATE_DATABASES: ReadonlySet<string> = new Set(['template0', 'template1', 'postgres']);

interface FaceParts {
  readonly options: SqlFaceOptions;
  readonly admin: AdminConnections;
  readonly ids: QueryIds;
  readonly sessions: SessionRegister;
}

class RunningFace implements SqlFace {
  readonly #options: SqlFaceOptions;
  readonly #server: Server;
  readonly #secureContext: SecureContext;
  readonly #plans = new PlanCache();
  readonly #admin: AdminConnections;
  readonly #services: EndpointServices;
  readonly #ids: QueryIds;
  readonly #sessions: SessionRegister;
  #closing = false;
  readonly #sockets = new Set<Socket>();

  constructor({ options, admin, ids, sessions }: FaceParts) {
    this.#options = options;
    this.#admin = admin;
    this.#ids = ids;
    this.#sessions = sessions;
    this.#secureContext = createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' });
    this.#services = {
      s3: options.s3,
      slices: options.slices,
      log: new StatementLog(ids),
      ...(options.faults && { faults: options.faults }),
      admin: (database) => this.#admin.pool(database),
      prepareDatabase: (database) => this.#admin.prepareDatabase(database),
      releaseDatabase: (database) => this.#admin.release(database),
      write: (line) => options.log(`${options.clusterIdentifier}: ${line}`),
    };
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Loads write how they ended through the administration connections.
    if (!(await this.#sessions.close(CLOSE_WITHIN_MS)))
      this.#services.write('statements were still running when the endpoint closed');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#ids.settled();
    await this.#admin.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    openConnection(socket, this.#secureContext).then(
      (opened) => this.#opened(opened),
      (error: unknown) => {
        this.#services.write(`opening a connection failed: ${error instanceof Error ? error.message : error}`);
        socket.destroy();
      },
    );
  }

  #opened(opened: OpenedConnection | undefined): void {
    if (opened === undefined) return;
    if (this.#closing) {
      opened.stream.destroy();
      return;
    }
    if (opened.packet.kind === 'cancel') {
      this.#cancel(opened.packet.key);
      opened.stream.end();
      return;
    }
    try {
      this.#startSession(opened, opened.packet);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      refuse(opened.stream, error);
    }
  }

  #startSession(opened: OpenedConnection, packet: Extract<OpenedConnection['packet'], { kind: 'startup' }>): void {
    const parameters = backendParameters(packet.parameters);
    const user = parameters.get('user') ?? '';
    const database = parameters.get('database') ?? '';
    if (this.#options.requireSsl && !opened.encrypted) throw sslRequired(opened, user, database);
    if (TEMPLATE_DATABASES.has(database)) throw unknownDatabase(database);
    if (this.#options.faults?.credentialsExpired === true && TEMPORARY_LOGIN.test(user)) throw refusedLogin(user);
    if (packet.minorVersion > 0) opened.stream.write(negotiateProtocolVersion([]));
    const backend = connect({
      host: this.#options.backend.host,
      port: this.#options.backend.port,
      noDelay: true,
      keepAlive: true,
    });
    this.#sockets.add(backend);
    backend.on('close', () => this.#sockets.delete(backend));
    const session = new ClientSession({
      client: opened.stream,
      socket: opened.socket,
      backend,
      plans: this.#plans,
      services: this.#services,
      user,
      database,
      onKey: (started, key) => this.#sessions.started(started, key),
      onClose: (ended) => this.#sessions.ended(ended, (left) => this.#release(left)),
      cancelBackend: (key) => this.#cancelBackend(key),
    });
    this.#sessions.add(session);
    session.start(startupMessage(parameters), opened.head);
    opened.stream.resume();
  }

  #cancel(key: Buffer): void {
    this.#sessions.byKey(key)?.cancel();
  }

  /** The endpoint stays connected to no database without clients: it could not be renamed. */
  async #release(database: string): Promise<void> {
    try {
      await this.#admin.release(database);
    } catch (error) {
      this.#services.write(
        `connections to ${database} could not be closed: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  #cancelBackend(key: Buffer): void {
    const socket = connect({ host: this.#options.backend.host, port: this.#options.backend.port });
    socket.on('error', (error) =>
      this.#options.log(`${this.#options.clusterIdentifier}: cancelling failed: ${error.message}`),
    );
    socket.end(cancelRequest(key));
  }
}

function unknownDatabase(database: string): RedshiftError {
  return new RedshiftError({ sqlState: '3D000', message: `database "${database}" does not exist` });
}

/** An expired password is refused as a wrong one is. */
function refusedLogin(user: string): RedshiftError {
  return new RedshiftError({ sqlState: '28000', message: `password authentication failed for user "${user}"` });
}

function sslRequired(opened: OpenedConnection, user: string, database: string): RedshiftError {
  const address = 'remoteAddress' in opened.stream ? String(opened.stream.remoteAddress) : 'unknown';
  const message = `no pg_hba.conf entry for host "${address}", user "${user}", database "${database}", SSL off`;
  return new RedshiftError({ sqlState: '28000', message });
}
