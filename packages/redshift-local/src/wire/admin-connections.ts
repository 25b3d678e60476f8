import pg from 'pg';
import { installCatalog } from '../catalog/install-catalog.js';
import { CANCEL_CHANNEL } from '../catalog/session-functions-sql.js';

/** The server behind the face, and its superuser. */
export interface BackendAddress {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
}

const POOL_SIZE = 4;

/** The superuser's connections: a pool for each database, and a listener for sessions that want another's load ended. */
export class AdminConnections {
  readonly #address: BackendAddress;
  readonly #onCancel: (processId: number) => void;
  readonly #onError: (error: Error) => void;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #listeners = new Map<string, Promise<pg.Client>>();

  constructor(address: BackendAddress, events: { onCancel(processId: number): void; onError(error: Error): void }) {
    this.#address = address;
    this.#onCancel = events.onCancel;
    this.#onError = events.onError;
  }

  /** The pool of a database. Rejects when the database cannot be reached. */
  async pool(database: string): Promise<pg.Pool> {
    await this.#listen(database);
    const known = this.#pools.get(database);
    if (known !== undefined) return known;
    const pool = new pg.Pool({ ...this.#config(database), max: POOL_SIZE, allowExitOnIdle: true });
    pool.on('error', this.#onError);
    this.#pools.set(database, pool);
    return pool;
  }

  /** Works on a connection of its own, which is closed at the end. Rejects when the database cannot be reached. */
  async once<Result>(database: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(this.#config(database));
    // The statement under way fails as well, and says so.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Installs the catalogue in a database. */
  prepareDatabase(database: string): Promise<void> {
    return this.once(database, installCatalog);
  }

  /** Closes the connections to one database, so that it can be dropped or renamed. They come again when they are needed. */
  async release(database: string): Promise<void> {
    const pool = this.#pools.get(database);
    const listener = this.#listeners.get(database);
    this.#pools.delete(database);
    this.#listeners.delete(database);
    await pool?.end();
    await (await listener?.catch(() => undefined))?.end();
  }

  async close(): Promise<void> {
    const databases = new Set([...this.#pools.keys(), ...this.#listeners.keys()]);
    await Promise.all([...databases].map((database) => this.release(database)));
  }

  #listen(database: string): Promise<pg.Client> {
    const known = this.#listeners.get(database);
    if (known !== undefined) return known;
    const listening = this.#startListener(database);
    this.#listeners.set(database, listening);
    listening.catch(() => this.#listeners.delete(database));
    return listening;
  }

  async #startListener(database: string): Promise<pg.Client> {
    const client = new pg.Client(this.#config(database));
    client.on('notification', ({ payload }) => this.#onCancel(Number(payload)));
    client.on('error', (error: Error) => {
      this.#listeners.delete(database);
      this.#onError(error);
    });
    await client.connect();
    await client.query(`listen ${CANCEL_CHANNEL}`);
    return client;
  }

  #config(database: string): pg.ClientConfig {
    const { host, port, superuser } = this.#address;
    return { host, port, ...superuser, database, application_name: 'redshift-local' };
  }
}
