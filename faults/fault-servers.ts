import { join } from 'node:path';
import type { Environment } from '../src/config.js';
import type { ChildServer } from '../src/local-stack/child-server.js';
import { anyFreePort } from '../src/local-stack/ports.js';
import { provideServers, type ServerBinaries } from '../src/local-stack/provide-servers.js';
import { startRedshiftServer } from '../src/local-stack/redshift-server.js';
import { loadS3Credentials, type S3Credentials } from '../src/local-stack/s3-credentials.js';
import { startS3Server } from '../src/local-stack/s3-server.js';
import { stackEnvironment } from '../src/local-stack/stack-environment.js';
import type { StackAddresses } from '../src/local-stack/stack-record.js';
import { prepareStateDirectory, type StateFolders } from '../src/local-stack/state-directory.js';
import { startTemporalServer, TEMPORAL_CONFIG_NAME } from '../src/local-stack/temporal-server.js';
import { type S3Proxy, startS3Proxy } from './s3-proxy.js';

const REGION = 'us-west-2';
const PORTS = ['temporal', 'ui', 's3', 'proxy', 'control', 'redshift'] as const;

/** What the servers of one stack keep through every restart. */
interface ServerSettings {
  readonly environment: Environment;
  readonly binaries: ServerBinaries;
  readonly folders: StateFolders;
  readonly ports: Readonly<Record<(typeof PORTS)[number], number>>;
  readonly credentials: S3Credentials;
}

/** The servers of a stack that can be killed and started again where they were: same ports, same state. */
export class FaultServers {
  #temporal: ChildServer | undefined;
  #redshift: ChildServer | undefined;
  #s3: ChildServer | undefined;
  #proxy: S3Proxy | undefined;
  #caPath = '';
  #starts = 0;

  private constructor(private readonly settings: ServerSettings) {}

  /** Starts Temporal, S3, the proxy before it and redshift-local with faults; on a failure nothing is left running. */
  static async start(options: {
    readonly stateDir: string;
    readonly environment: Environment;
    readonly say: (text: string) => void;
  }): Promise<FaultServers> {
    const { stateDir, environment, say } = options;
    const folders = await prepareStateDirectory(stateDir);
    const binaries = await provideServers({
      ...{ parts: { temporal: true, s3: true }, environment },
      onProgress: ({ message, ongoing }) => (ongoing ? undefined : say(message)),
    });
    const credentials = await loadS3Credentials(folders.s3);
    const servers = new FaultServers({ environment, binaries, folders, ports: await freePorts(), credentials });
    try {
      await Promise.all([servers.startTemporal(), servers.#startS3().then(() => servers.startRedshift())]);
      return servers;
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  /** Rules for what passes between S3 and everybody who reads from it. */
  get proxy(): S3Proxy {
    if (this.#proxy === undefined) throw new Error('the S3 proxy is not up');
    return this.#proxy;
  }

  get controlUrl(): string {
    return `http://127.0.0.1:${this.settings.ports.control}`;
  }

  get caPath(): string {
    return this.#caPath;
  }

  get logsFolder(): string {
    return this.settings.folders.logs;
  }

  /** S3 past the proxy, for what prepares and checks runs. */
  get directS3(): StackAddresses['s3'] {
    return { endpoint: `http://127.0.0.1:${this.settings.ports.s3}`, region: REGION, ...this.settings.credentials };
  }

  /** What a worker or a client of this stack needs: S3 is the proxy. */
  stackEnvironment(): Readonly<Record<string, string>> {
    const { ports, environment, folders, binaries } = this.settings;
    return stackEnvironment({
      stack: {
        temporal: {
          ...{ address: `127.0.0.1:${ports.temporal}`, uiUrl: `http://127.0.0.1:${ports.ui}` },
          ...{ namespace: 'default', binary: binaries.temporal },
        },
        s3: { ...this.directS3, endpoint: `http://127.0.0.1:${ports.proxy}` },
        redshift: { controlUrl: this.controlUrl, caPath: this.#caPath },
      },
      temporalConfigFile: join(folders.temporal, TEMPORAL_CONFIG_NAME),
      base: environment,
    });
  }

  async startTemporal(): Promise<void> {
    const { environment, binaries, folders, ports } = this.settings;
    this.#temporal = await startTemporalServer({
      ...{ environment, binary: binaries.temporal, port: ports.temporal, uiPort: ports.ui, folder: folders.temporal },
      ...{ logFile: this.#logFile('temporal'), onSpawn: ignoreSpawn },
    });
  }

  async startRedshift(): Promise<void> {
    const { environment, folders, ports } = this.settings;
    const { child, caPath } = await startRedshiftServer({
      ...{ environment, port: ports.redshift, controlPort: ports.control, folder: folders.redshift },
      s3: { ...this.directS3, endpoint: `http://127.0.0.1:${ports.proxy}` },
      ...{ logFile: this.#logFile('redshift-local'), onSpawn: ignoreSpawn },
      extraArguments: ['--faults'],
    });
    this.#redshift = child;
    this.#caPath = caPath;
  }

  /** SIGKILL, as a crash of the machine would; its state stays as it was at that moment. */
  killTemporal(): void {
    kill(this.#temporal);
  }

  /** SIGKILL of redshift-local; its PostgreSQL is found and taken over, or stopped, at the next start. */
  killRedshift(): void {
    kill(this.#redshift);
  }

  async stop(): Promise<void> {
    for (const server of [this.#redshift, this.#temporal]) await server?.stop();
    await this.#proxy?.close();
    await this.#s3?.stop();
  }

  async #startS3(): Promise<void> {
    const { environment, binaries, folders, ports, credentials } = this.settings;
    this.#s3 = await startS3Server({
      ...{ environment, binary: binaries.s3, folder: folders.s3, port: ports.s3, region: REGION, credentials },
      ...{ logFile: this.#logFile('s3'), onSpawn: ignoreSpawn },
    });
    this.#proxy = await startS3Proxy({ target: this.directS3.endpoint, port: ports.proxy });
  }

  /** Every start writes a log of its own: the one before tells what happened until the kill. */
  #logFile(server: string): string {
    this.#starts += 1;
    return join(this.settings.folders.logs, `${String(this.#starts).padStart(3, '0')}-${server}.log`);
  }
}

/** The stack is not recorded for other commands: nobody but the harness uses it. */
async function ignoreSpawn(): Promise<void> {}

function kill(server: ChildServer | undefined): void {
  if (server === undefined) throw new Error('a server that is to be killed was never started');
  process.kill(server.identity.pid, 'SIGKILL');
}

async function freePorts(): Promise<ServerSettings['ports']> {
  const ports = new Set<number>();
  while (ports.size < PORTS.length) ports.add(await anyFreePort());
  const [temporal = 0, ui = 0, s3 = 0, proxy = 0, control = 0, redshift = 0] = ports;
  return { temporal, ui, s3, proxy, control, redshift };
}
