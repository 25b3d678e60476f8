import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import {
  type Config,
  type Environment,
  processEnvironment,
  reachTemporalAdvice,
  readConfig,
  type TemporalConfig,
} from '../config.js';
import { readRunningStack } from '../local-stack/running-stack.js';
import { CallGate } from './call-gate.js';
import { CliError } from './cli-error.js';

/** Where a command finds its Temporal, and what it tells a person about it. */
export interface Destination {
  readonly config: Config;
  /** The process's environment, with the local stack's over it when that is where the command goes. */
  readonly environment: Environment;
  /** Undefined where nobody knows it. */
  readonly uiUrl: string | undefined;
  /** Path of the `temporal` CLI where the local stack knows one. */
  readonly temporalBinary: string | undefined;
}

/** A destination with an open connection. */
export interface Session extends Destination {
  readonly client: Client;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** The Temporal that the settings name; else the local stack that runs in the state folder; else the Temporal CLI's default. */
export async function findDestination(environment: Environment = processEnvironment()): Promise<Destination> {
  const config = readConfig(environment);
  const plain = { config, environment, uiUrl: config.notify.uiUrl, temporalBinary: undefined };
  if (config.temporal.configured) return plain;
  const stack = await readRunningStack(config.stateDir);
  if (stack === undefined) return plain;
  const merged = { ...environment, ...stack.environment };
  return {
    config: readConfig(merged),
    environment: merged,
    uiUrl: stack.temporal.uiUrl,
    temporalBinary: stack.temporal.binary,
  };
}

/** @throws CliError when nothing answers */
export async function connect(destination?: Destination): Promise<Session> {
  const found = destination ?? (await findDestination());
  const calls = new CallGate();
  const client = await openClient(found.config.temporal, calls);
  const close = () => {
    calls.close();
    return client.connection.close();
  };
  return { ...found, client, close };
}

/** @throws CliError when nothing answers */
export async function openClient(temporal: TemporalConfig, calls = new CallGate()): Promise<Client> {
  const { address, namespace, connection: options } = temporal;
  try {
    const connection = await Connection.connect({
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), calls.interceptor],
      ...options,
    } as Parameters<typeof Connection.connect>[0]);
    return new Client({ connection, namespace });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const advice = reachTemporalAdvice(temporal);
    throw new CliError(`Temporal at ${address} cannot be reached: ${why}. ${advice}.`, undefined, { cause });
  }
}
