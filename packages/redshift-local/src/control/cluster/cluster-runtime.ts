import { rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { copyDataFolder } from '../../engine/data-template.js';
import { PostgresEngine } from '../../engine/postgres-engine.js';
import type { PostgresHome } from '../../engine/postgres-home.js';
import type { ClusterRecord } from '../state/control-state.js';
import { adminPasswordSql, adminRightsSql, createAdminSql, SUPERUSER_SEARCH_PATH_SQL } from './admin-role.js';

/** A running SQL endpoint, as the SQL face gives it. */
export interface SqlEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** The compatibility schema that every database of a cluster gets. */
export interface Catalog {
  /** Changes whenever `install` would install something else. */
  readonly version: string;
  /** Idempotent. */
  install(client: pg.Client): Promise<void>;
}

/** What running clusters need from outside. */
export interface ClusterRuntimeOptions {
  readonly home: PostgresHome;
  /** The folder new clusters are copied from. */
  readonly templateDir: string;
  /** Exists. */
  readonly logDir: string;
  readonly catalog: Catalog;
  /** Opens the SQL endpoint of a cluster in front of its PostgreSQL. */
  openEndpoint(cluster: ClusterRecord, backend: PostgresEngine['backend']): Promise<SqlEndpoint>;
  /** Called when a cluster's PostgreSQL ends by itself. */
  onCrash(identifier: string, reason: string): void;
  log(line: string): void;
}

interface RunningCluster {
  readonly engine: PostgresEngine;
  readonly endpoint: SqlEndpoint;
}

/** The processes and folders behind the clusters. Knows nothing of states: the life cycle calls it in order. */
export class ClusterRuntime {
  readonly #options: ClusterRuntimeOptions;
  readonly #running = new Map<string, RunningCluster>();

  constructor(options: ClusterRuntimeOptions) {
    this.#options = options;
  }

  /** The version of the compatibility schema in every cluster that has been started. */
  get catalogVersion(): string {
    return this.#options.catalog.version;
  }

  /** Makes the data of a new cluster, from a snapshot if one is named, starts it, and returns its port. Starts over if there was some. */
  async create(cluster: ClusterRecord, snapshot?: string): Promise<number> {
    this.remove(cluster.identifier);
    const source = snapshot === undefined ? this.#options.templateDir : this.#snapshotDir(snapshot);
    await copyDataFolder(this.#options.home, source, this.#dataDir(cluster.identifier));
    return this.#start(cluster, async (engine) => {
      await this.#renewCatalog(engine, cluster);
      await prepareDatabase(engine, cluster, snapshot !== undefined);
      await settleRoles(engine, cluster);
    });
  }

  /** Starts a cluster that has been created before, and returns its port. */
  start(cluster: ClusterRecord): Promise<number> {
    return this.#start(cluster, async (engine) => {
      await this.#renewCatalog(engine, cluster);
      await settleRoles(engine, cluster);
    });
  }

  /** Closes the endpoint, ending its connections, and stops PostgreSQL. Does nothing when it does not run. */
  async stop(identifier: string): Promise<void> {
    const running = this.#running.get(identifier);
    if (running === undefined) return;
    this.#running.delete(identifier);
    await running.endpoint.close();
    await running.engine.stop();
  }

  /** Removes the data of a stopped cluster. */
  remove(identifier: string): void {
    rmSync(this.#dataDir(identifier), { recursive: true, force: true });
  }

  /** Keeps a copy of a stopped cluster's data and returns its size in bytes. */
  async keepSnapshot(identifier: string, snapshot: string): Promise<number> {
    this.removeSnapshot(snapshot);
    await copyDataFolder(this.#options.home, this.#dataDir(identifier), this.#snapshotDir(snapshot));
    return folderSize(this.#snapshotDir(snapshot));
  }

  removeSnapshot(snapshot: string): void {
    rmSync(this.#snapshotDir(snapshot), { recursive: true, force: true });
  }

  /** Runs statements as the superuser in one database of a running cluster. */
  async asSuperuser<T>(identifier: string, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const running = this.#running.get(identifier);
    if (running === undefined) throw new Error(`cluster ${identifier} is not running`);
    const client = await running.engine.connect(database);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async #start(cluster: ClusterRecord, prepare: (engine: PostgresEngine) => Promise<void>): Promise<number> {
    const { identifier } = cluster;
    const { home, logDir, log, onCrash } = this.#options;
    const engine = new PostgresEngine({
      home,
      dataDir: this.#dataDir(identifier),
      logFile: path.join(logDir, `${identifier}.log`),
      log,
      onUnexpectedExit: (reason) => onCrash(identifier, reason),
    });
    await engine.start();
    try {
      await prepare(engine);
      const endpoint = await this.#options.openEndpoint(cluster, engine.backend);
      this.#running.set(identifier, { engine, endpoint });
      return endpoint.port;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  /** Data made by another release of redshift-local gets the compatibility schema of this one. */
  async #renewCatalog(engine: PostgresEngine, cluster: ClusterRecord): Promise<void> {
    const { catalog } = this.#options;
    if (cluster.catalogVersion === catalog.version) return;
    for (const database of await databasesOf(engine)) {
      const client = await engine.connect(database);
      await catalog.install(client).finally(() => client.end());
    }
  }

  #dataDir(identifier: string): string {
    return path.join(this.#options.home.dataRoot, `cluster-${identifier}`);
  }

  #snapshotDir(snapshot: string): string {
    return path.join(this.#options.home.dataRoot, `snapshot-${snapshot}`);
  }
}

async function prepareDatabase(engine: PostgresEngine, cluster: ClusterRecord, restored: boolean): Promise<void> {
  const client = await engine.connect('postgres');
  try {
    await client.query(restored ? adminPasswordSql(cluster) : createAdminSql(cluster));
    if (restored) return;
    const [database, owner] = [cluster.dbName, cluster.masterUsername].map(pg.escapeIdentifier);
    await client.query(`create database ${database} owner ${owner}`);
  } finally {
    await client.end();
  }
}

/** At every start: data of an earlier release has a superuser as its admin. */
async function settleRoles(engine: PostgresEngine, cluster: ClusterRecord): Promise<void> {
  const client = await engine.connect('postgres');
  await client.query(`${adminRightsSql(cluster)}; ${SUPERUSER_SEARCH_PATH_SQL}`).finally(() => client.end());
}

async function databasesOf(engine: PostgresEngine): Promise<string[]> {
  const client = await engine.connect('postgres');
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datallowconn');
    return rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
