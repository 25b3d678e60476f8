import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { AwsKeys } from '../copy/s3-settings.js';
import { ensureDataTemplate } from '../engine/data-template.js';
import type { PostgresEngine } from '../engine/postgres-engine.js';
import { openPostgresHome } from '../engine/postgres-home.js';
import { refuseExpired } from '../faults/expired-credentials.js';
import type { FaultBoard } from '../faults/fault-board.js';
import { startAwsServer } from './aws/aws-server.js';
import type { AwsCall, AwsServices } from './aws/aws-service.js';
import type { KnownKey } from './aws/sigv4.js';
import { ClusterLifecycle } from './cluster/cluster-lifecycle.js';
import { type Catalog, ClusterRuntime, type SqlEndpoint } from './cluster/cluster-runtime.js';
import { lifecycleDelays } from './cluster/lifecycle-delays.js';
import { ec2Service } from './ec2/ec2-service.js';
import { iamService } from './iam/iam-service.js';
import type { RedshiftContext } from './redshift/redshift-context.js';
import { redshiftService } from './redshift/redshift-service.js';
import { secretsService } from './secrets/secrets-service.js';
import { type AwsAccount, arnOf } from './state/account.js';
import type { ClusterRecord } from './state/control-state.js';
import { openStateStore, type StateStore } from './state/state-store.js';
import { stsService } from './sts/sts-service.js';
import { type LocalTls, openLocalTls } from './tls/local-authority.js';

/** The user that the configured access key belongs to. */
const USER_NAME = 'redshift-local';

/** What opening a cluster's SQL endpoint needs to know. */
export interface EndpointRequest {
  readonly cluster: ClusterRecord;
  readonly backend: PostgresEngine['backend'];
  readonly tls: LocalTls;
  readonly account: AwsAccount;
  readonly store: StateStore;
}

/** How a control plane is set up. */
export interface ControlPlaneOptions {
  /** Exists, and belongs to this process alone. */
  readonly stateDir: string;
  /** The address that the control plane and the endpoints listen on. */
  readonly host: string;
  /** The name clients reach the endpoints by. */
  readonly endpointAddress: string;
  /** 0 for any. */
  readonly port: number;
  /** Where a cluster listens that asks for Redshift's default port, 5439. */
  readonly basePort: number;
  readonly account: AwsAccount;
  /** Requests must be signed with these. */
  readonly keys: AwsKeys;
  /** 1 for the default delays between states, 0 for none. */
  readonly delayFactor: number;
  /** The account PostgreSQL runs as when this process is root. */
  readonly runAs?: string;
  readonly catalog: Catalog;
  openEndpoint(request: EndpointRequest): Promise<SqlEndpoint>;
  /** Called before each action; throwing an AwsError makes the action fail with it. */
  intercept?(call: AwsCall): void | Promise<void>;
  /** Set when faults may be injected. */
  readonly faults?: FaultBoard;
  log(line: string): void;
}

/** A running control plane with its clusters. */
export interface ControlPlane {
  readonly port: number;
  /** The certificate authority that verifies the endpoints. */
  readonly caFile: string;
  readonly context: RedshiftContext;
  /** Stops all endpoints and the API; clusters keep their state for the next start. */
  close(): Promise<void>;
}

/** Starts the AWS API and brings back the clusters of an earlier process. Throws SetupError for what the caller has to change. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { stateDir, account, log } = options;
  const store = openStateStore(path.join(stateDir, 'state.json'));
  const tls = await openLocalTls(stateDir, [...new Set([options.endpointAddress, 'localhost', '127.0.0.1', '::1'])]);
  const context = await openClusters(options, store, tls);
  const sessions = temporaryKeys();
  const services: AwsServices = {
    redshift: redshiftService(context),
    iam: iamService({ store, account }),
    ec2: ec2Service({ store, account }),
    sts: stsService({ store, account, enterSession: sessions.enter }),
    secretsmanager: secretsService({ store, account }),
  };
  const { host, port, faults } = options;
  const server = await startAwsServer({
    host,
    port,
    region: account.region,
    services,
    lookUpKey: (id) => sessions.find(id) ?? configuredKey(options, id),
    intercept: async (call) => {
      if (faults !== undefined) refuseExpired(faults);
      await options.intercept?.(call);
    },
    ...(faults && { faults: { board: faults, hasCluster: (id) => store.state.clusters[id] !== undefined } }),
    log,
  });
  await context.lifecycle.bringBack();
  return {
    port: server.port,
    caFile: tls.caFile,
    context,
    close: async () => {
      await server.close();
      await context.lifecycle.close();
    },
  };
}

async function openClusters(options: ControlPlaneOptions, store: StateStore, tls: LocalTls): Promise<RedshiftContext> {
  const { stateDir, account, catalog, log, runAs } = options;
  const home = await openPostgresHome({ stateDir, log, ...(runAs !== undefined && { runAs }) });
  const logDir = path.join(stateDir, 'log');
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  const templateDir = await ensureDataTemplate({ home, logFile: path.join(logDir, 'template.log'), ...catalog, log });
  const runtime = new ClusterRuntime({
    home,
    templateDir,
    logDir,
    catalog,
    openEndpoint: (cluster, backend) => options.openEndpoint({ cluster, backend, tls, account, store }),
    onCrash: (identifier, reason) => lifecycle.crashed(identifier, reason),
    log,
  });
  const lifecycle = new ClusterLifecycle({ store, runtime, delays: lifecycleDelays(options.delayFactor), log });
  const { endpointAddress, host, basePort } = options;
  return {
    account,
    store,
    lifecycle,
    runtime,
    endpointAddress,
    listenHost: host,
    basePort,
    catalogVersion: catalog.version,
  };
}

function configuredKey({ keys, account }: ControlPlaneOptions, accessKeyId: string): KnownKey | undefined {
  if (accessKeyId !== keys.accessKeyId) return undefined;
  return { ...keys, arn: arnOf.user(account, USER_NAME), userId: `AIDA${account.id}LOCAL` };
}

/** Keys of assumed roles, in memory only. */
function temporaryKeys() {
  const sessions = new Map<string, { readonly key: KnownKey; readonly expiresAt: Date }>();
  return {
    enter: (accessKeyId: string, key: KnownKey, expiresAt: Date): void => {
      for (const [id, session] of sessions) if (session.expiresAt.getTime() < Date.now()) sessions.delete(id);
      sessions.set(accessKeyId, { key, expiresAt });
    },
    find: (accessKeyId: string): KnownKey | undefined => {
      const session = sessions.get(accessKeyId);
      return session !== undefined && session.expiresAt.getTime() > Date.now() ? session.key : undefined;
    },
  };
}
