import { timingSafeEqual } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { S3Settings } from '../copy/s3-settings.js';
import { RedshiftError } from '../redshift-error.js';
import { AdminConnections, type BackendAddress } from './admin-connections.js';
import { ClientSession } from './client-session.js';
import { type OpenedConnection, openConnection, refuse } from './connection-opening.js';
import { cancelRequest, negotiateProtocolVersion, startupMessage } from './message-encoding.js';
import { PlanCache } from './prepared-plan.js';
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
  readonly log: (line: string) => void;
}

/** A running SQL endpoint. */
export interface SqlFace {
  readonly port: number;
  /** Stops listening, ends every session, and resolves when all connections are closed. */
  close(): Promise<void>;
}

/** Starts the SQL endpoint of a cluster. Rejects with the system's error when the port cannot be had. */
export async function startSqlFace(options: SqlFaceOptions): Promise<SqlFace> {
  const face = new RunningFace(options);
  await face.listen();
  return face;
}

/** PostgreSQL's own databases. A session in one of them would keep others from being created. */
const TEMPLATE_DATABASES: ReadonlySet<string> = new Set(['template0', 'template1', 'postgres']);

class RunningFace implements SqlFace {
  readonly #options: SqlFaceOptions;
  readonly #server: Server;
  readonly #secureContext: SecureContext;
  readonly #plans = new PlanCache();
  readonly #admin: AdminConnections;
  readonly #services: EndpointServices;
  /** Sessions by the process id of their server connection, which a CancelRequest names. */
  readonly #sessions = new Map<number, { readonly session: ClientSession; readonly key: Buffer }>();
  readonly #sockets = new Set<Socket>();

  constructor(options: SqlFaceOptions) {
    this.#options = options;
    this.#secureContext = createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' });
    this.#admin = new AdminConnections(options.backend, {
      onCancel: (processId) => this.#sessions.get(processId)?.session.cancelLoad(),
      onError: (error) => options.log(`${options.clusterIdentifier}: administration connection: ${error.message}`),
    });
    this.#services = {
      s3: options.s3,
      slices: options.slices,
      log: new StatementLog(),
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
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { session } of [...this.#sessions.values()]) session.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
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
      backend,
      plans: this.#plans,
      services: this.#services,
      user,
      database,
      onKey: (started, key) => this.#sessions.set(started.state.processId, { session: started, key }),
      onClose: (ended) => this.#sessions.delete(ended.state.processId),
      cancelBackend: (key) => this.#cancelBackend(key),
    });
    session.start(startupMessage(parameters), opened.head);
    opened.stream.resume();
  }

  #cancel(key: Buffer): void {
    const known = key.length >= 8 ? this.#sessions.get(key.readInt32BE(0)) : undefined;
    if (known !== undefined && known.key.length === key.length && timingSafeEqual(known.key, key))
      known.session.cancel();
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

function sslRequired(opened: OpenedConnection, user: string, database: string): RedshiftError {
  const address = 'remoteAddress' in opened.stream ? String(opened.stream.remoteAddress) : 'unknown';
  const message = `no pg_hba.conf entry for host "${address}", user "${user}", database "${database}", SSL off`;
  return new RedshiftError({ sqlState: '28000', message });
}
