import { join } from 'node:path';
import type { Environment } from '../config.js';
import type { ChildServer } from './child-server.js';
import type { ExistingTemporal } from './existing-temporal.js';
import type { StackPort } from './ports.js';
import type { ProcessIdentity } from './process-identity.js';
import { findBinary } from './provide-binary.js';
import type { ServerBinaries } from './provide-servers.js';
import { startRedshiftServer } from './redshift-server.js';
import type { StackRecorder } from './running-stack.js';
import { loadS3Credentials, type S3Credentials } from './s3-credentials.js';
import { startS3Server } from './s3-server.js';
import { stackEnvironment } from './stack-environment.js';
import type { OnStackEvent } from './stack-event.js';
import type { StackAddresses } from './stack-record.js';
import type { StateFolders } from './state-directory.js';
import { TEMPORAL_BINARY } from './temporal-binary.js';
import { startTemporalServer, TEMPORAL_CONFIG_NAME } from './temporal-server.js';

/** Everything that starting the servers of one stack needs. */
export interface LaunchRequest {
  readonly parts: { readonly temporal: boolean; readonly s3: boolean; readonly redshift: boolean };
  readonly existing: ExistingTemporal | undefined;
  readonly binaries: ServerBinaries;
  readonly ports: Readonly<Record<StackPort, number>>;
  readonly folders: StateFolders;
  readonly environment: Environment;
  readonly region: string;
  readonly recorder: StackRecorder;
  /** Filled as servers come up, so that the caller can stop them whatever happens. */
  readonly started: ChildServer[];
  readonly onProgress: OnStackEvent;
  readonly signal: AbortSignal | undefined;
}

/** Starts the wanted servers in parallel; waits for all even when one fails, then throws the first failure. */
export async function launchServers(request: LaunchRequest): Promise<StackAddresses> {
  const giveUp = new AbortController();
  const signal = request.signal === undefined ? giveUp.signal : AbortSignal.any([request.signal, giveUp.signal]);
  const launch = { ...request, signal };
  const credentials = await loadS3Credentials(request.folders.s3);
  const failFast = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
  };
  const [temporal, s3, redshift] = await Promise.allSettled([
    failFast(launchTemporal(launch)),
    failFast(launchS3(launch, credentials)),
    failFast(launchRedshift(launch, credentials)),
  ]);
  if (giveUp.signal.aborted) throw giveUp.signal.reason;
  const stack = { temporal: settled(temporal), s3: settled(s3), redshift: settled(redshift) };
  const isOurs = request.parts.temporal && request.existing === undefined;
  const environment = stackEnvironment({
    stack,
    temporalConfigFile: isOurs ? join(request.folders.temporal, TEMPORAL_CONFIG_NAME) : undefined,
    base: request.environment,
  });
  return { ...stack, environment };
}

async function launchTemporal(request: LaunchRequest): Promise<StackAddresses['temporal']> {
  const { existing, environment, ports, signal, onProgress } = request;
  if (!request.parts.temporal)
    return { address: '', uiUrl: undefined, namespace: 'default', binary: TEMPORAL_BINARY.name };
  if (existing !== undefined) {
    onProgress({
      part: 'temporal',
      message: `using the Temporal at ${existing.address} (TEMPORAL_ADDRESS)`,
      ongoing: false,
    });
    const found = await findBinary({ spec: TEMPORAL_BINARY, environment });
    return { ...existing, binary: found?.path ?? TEMPORAL_BINARY.name };
  }
  const binary = request.binaries.temporal;
  const server = await startTemporalServer({
    ...{ binary, environment, signal, port: ports.temporal, uiPort: ports.ui },
    folder: request.folders.temporal,
    logFile: join(request.folders.logs, 'temporal.log'),
    onSpawn: remember(request, { name: 'Temporal', stopWithinMs: 10_000 }),
  });
  request.started.push(server);
  const uiUrl = `http://127.0.0.1:${ports.ui}`;
  onProgress({ part: 'temporal', message: `Temporal on 127.0.0.1:${ports.temporal}, Web UI ${uiUrl}`, ongoing: false });
  return { address: `127.0.0.1:${ports.temporal}`, uiUrl, namespace: 'default', binary };
}

async function launchS3(request: LaunchRequest, credentials: S3Credentials): Promise<StackAddresses['s3']> {
  const { environment, ports, region, signal, onProgress } = request;
  if (!request.parts.s3) return { endpoint: '', region, ...credentials };
  const binary = request.binaries.s3;
  const server = await startS3Server({
    ...{ binary, environment, region, credentials, signal, port: ports.s3 },
    folder: request.folders.s3,
    logFile: join(request.folders.logs, 's3.log'),
    onSpawn: remember(request, { name: 'S3', stopWithinMs: 5_000 }),
  });
  request.started.push(server);
  onProgress({ part: 's3', message: `S3 on ${s3Endpoint(request)}`, ongoing: false });
  return { endpoint: s3Endpoint(request), region, ...credentials };
}

async function launchRedshift(request: LaunchRequest, credentials: S3Credentials): Promise<StackAddresses['redshift']> {
  const { environment, ports, region, signal, onProgress } = request;
  if (!request.parts.redshift) return { controlUrl: '', caPath: '' };
  const { child, controlUrl, caPath } = await startRedshiftServer({
    ...{ environment, signal, port: ports.redshift, controlPort: ports.controlPlane },
    s3: { endpoint: s3Endpoint(request), region, ...credentials },
    folder: request.folders.redshift,
    logFile: join(request.folders.logs, 'redshift-local.log'),
    onSpawn: remember(request, { name: 'redshift-local', stopWithinMs: 20_000 }),
  });
  request.started.push(child);
  onProgress({ part: 'redshift', message: `Redshift control plane on ${controlUrl}`, ongoing: false });
  return { controlUrl, caPath };
}

function s3Endpoint(request: LaunchRequest): string {
  return `http://127.0.0.1:${request.ports.s3}`;
}

function remember(request: LaunchRequest, server: { readonly name: string; readonly stopWithinMs: number }) {
  return (identity: ProcessIdentity) => request.recorder.addProcess({ ...server, ...identity });
}

/** Only read when nothing failed: the first failure was thrown before. */
function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
