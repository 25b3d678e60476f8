import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NotifyTargets } from './adapters/notification/notify-targets.js';
import { TASK_QUEUE } from './domain/names.js';
import { namesOwnStack } from './local-stack/own-environment.js';
import { readNotifySettings } from './notify-settings.js';

/** Environment variables by name; what `process.env` holds, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Root of the installed project: the folder that holds package.json and sql/. */
export const PROJECT_ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Where Temporal is, read like the Temporal CLI reads it: TEMPORAL_* variables over the profile in temporal.toml. */
export interface TemporalConfig {
  readonly address: string;
  /** False when nobody named an address: `address` is then the Temporal CLI's default. */
  readonly configured: boolean;
  /** True when a sourced `stack.env` named the address: that of the local stack's own Temporal. */
  readonly isLocalStack: boolean;
  readonly namespace: string;
  /** TLS, API key and gRPC headers; accepted by `Connection.connect` and `NativeConnection.connect` alike. */
  readonly connection: TemporalConnectionOptions;
}

export type TemporalConnectionOptions = Omit<
  NonNullable<ReturnType<typeof loadClientConnectConfig>['connectionOptions']>,
  'address'
>;

/** What to do when nothing answers at the address. */
export function reachTemporalAdvice({ configured, isLocalStack }: TemporalConfig): string {
  if (isLocalStack) {
    return 'It is the address of the local stack, which is not running. Start it with `npm start` or `npx starshift local`, or name another server with TEMPORAL_ADDRESS=host:port';
  }
  return configured
    ? 'Check TEMPORAL_ADDRESS or the profile in temporal.toml, and its TLS settings'
    : 'Start the local stack with `npm start`, or name a server with TEMPORAL_ADDRESS=host:port';
}

/** Every setting of Starshift. */
export interface Config {
  /** Folder that holds one folder a warehouse. @default the project's sql/ */
  readonly warehousesDir: string;
  /** PEM text of the authorities that may sign a warehouse's certificate. @default Amazon's, as the adapter knows them */
  readonly redshiftCa: string | undefined;
  /** `http://host/bucket/key` instead of `http://bucket.host/key`, which S3 servers other than Amazon's want. @default false */
  readonly s3PathStyle: boolean;
  /** @default starshift */
  readonly taskQueue: string;
  /** State of the local stack and the cache of its servers. @default .starshift in the project */
  readonly stateDir: string;
  readonly temporal: TemporalConfig;
  /** Looks up a password by the name that an input gives; undefined when it is not set. */
  readonly password: (name: string) => string | undefined;
  /** Beginnings of the names of secrets in Secrets Manager that inputs may refer to. @default redshift! and starshift/ */
  readonly secretPrefixes: readonly string[];
  /** Where the worker sends notifications. @default nowhere */
  readonly notify: NotifyTargets;
}

/** What src/worker.ts needs; the same settings, without those only the command line uses. */
export type WorkerConfig = Omit<Config, 'stateDir'>;

/** Thrown with every wrong setting at once, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly errors: readonly string[]) {
    super(`Settings are wrong:\n${errors.map((error) => `  ${error}`).join('\n')}`);
  }
}

/** The prefix that inputs may name; see passwordReference in domain/input.ts. */
const PASSWORD_PREFIX = 'STARSHIFT_PASSWORD';

/** Redshift's managed secrets, and a folder for everything else. */
const DEFAULT_SECRET_PREFIXES = 'redshift!,starshift/';

const DEFAULT_TEMPORAL_ADDRESS = '127.0.0.1:7233';

/** The process's own environment, to hand on to child processes. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Of the AWS SDK: it warns about Node 20 in the middle of whatever a command prints; package.json says which Node we support. */
export function silenceSdkWarnings(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}

/**
 * Makes an environment this process's own, for libraries that read theirs by themselves (the AWS SDK). Empty variables are unset.
 * @returns the same environment
 */
export function adoptEnvironment(environment: Environment): Environment {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '') delete process.env[name];
    else process.env[name] = value;
  }
  return environment;
}

/**
 * Reads all settings. An empty variable counts as not set.
 * @throws ConfigError naming every wrong setting with an example
 */
export function readConfig(env: Environment = process.env): Config {
  const errors: string[] = [];
  const warehousesDir = readFolder(env, errors);
  const redshiftCa = readCertificates(env, errors);
  const s3PathStyle = readBoolean(env, 'STARSHIFT_S3_PATH_STYLE', errors);
  const secretPrefixes = readSecretPrefixes(env, errors);
  const temporal = readTemporal(env, errors);
  const notify = readNotifySettings(env, errors);
  if (errors.length > 0 || temporal === undefined) throw new ConfigError(errors);
  return {
    warehousesDir,
    redshiftCa,
    s3PathStyle,
    taskQueue: setting(env, 'STARSHIFT_TASK_QUEUE') ?? TASK_QUEUE,
    stateDir: resolve(setting(env, 'STARSHIFT_STATE_DIR') ?? join(PROJECT_ROOT, '.starshift')),
    temporal,
    password: (name) => (name.startsWith(PASSWORD_PREFIX) ? setting(env, name) : undefined),
    secretPrefixes,
    notify,
  };
}

/**
 * Settings of the worker process.
 * @throws ConfigError naming every wrong setting with an example
 */
export function readWorkerConfig(env: Environment = process.env): WorkerConfig {
  return readConfig(env);
}

function readFolder(env: Environment, errors: string[]): string {
  const folder = resolve(setting(env, 'STARSHIFT_WAREHOUSES') ?? join(PROJECT_ROOT, 'sql'));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    errors.push(
      `STARSHIFT_WAREHOUSES: ${folder} is not a folder; name the folder that holds a folder for each warehouse, for example STARSHIFT_WAREHOUSES=./sql`,
    );
  }
  return folder;
}

function readCertificates(env: Environment, errors: string[]): string | undefined {
  const path = setting(env, 'STARSHIFT_REDSHIFT_CA');
  if (path === undefined) return undefined;
  const example = 'for example STARSHIFT_REDSHIFT_CA=/etc/ssl/redshift-ca.pem';
  try {
    const pem = readFileSync(path, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    errors.push(`STARSHIFT_REDSHIFT_CA: ${path} holds no PEM certificate; name a file of PEM certificates, ${example}`);
  } catch (error) {
    errors.push(`STARSHIFT_REDSHIFT_CA: ${path} cannot be read (${reason(error)}); ${example}`);
  }
  return undefined;
}

function readBoolean(env: Environment, name: string, errors: string[]): boolean {
  const value = setting(env, name)?.toLowerCase();
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1') return true;
  errors.push(`${name}: "${value}" is neither true nor false, for example ${name}=true`);
  return false;
}

/** A comma-separated list; names of secrets hold letters, digits and `/_+=.@!-`. */
function readSecretPrefixes(env: Environment, errors: string[]): readonly string[] {
  const name = 'STARSHIFT_SECRETS';
  const example = `for example ${name}=${DEFAULT_SECRET_PREFIXES}`;
  const prefixes = (setting(env, name) ?? DEFAULT_SECRET_PREFIXES)
    .split(',')
    .map((prefix) => prefix.trim())
    .filter((prefix) => prefix !== '');
  if (prefixes.length === 0) errors.push(`${name}: names no secret, ${example}`);
  for (const prefix of prefixes.filter((text) => !/^[\w/+=.@!-]+$/.test(text))) {
    errors.push(`${name}: "${prefix}" is not the beginning of a secret's name, ${example}`);
  }
  return prefixes;
}

function readTemporal(env: Environment, errors: string[]): TemporalConfig | undefined {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: withoutEmpty(env) });
    const { address, ...connection } = connectionOptions;
    if (address !== undefined && !/^.+:\d{1,5}$/.test(address)) {
      errors.push(`TEMPORAL_ADDRESS: "${address}" is not host:port, for example TEMPORAL_ADDRESS=127.0.0.1:7233`);
    }
    return {
      address: address ?? DEFAULT_TEMPORAL_ADDRESS,
      configured: address !== undefined,
      isLocalStack: namesOwnStack(env),
      namespace: namespace ?? 'default',
      connection,
    };
  } catch (error) {
    errors.push(
      `TEMPORAL_PROFILE or its temporal.toml: ${reason(error)}; see \`temporal config list\`, for example TEMPORAL_PROFILE=default`,
    );
    return undefined;
  }
}

/** envconfig takes an empty TEMPORAL_ADDRESS for an address; Compose files and CI set variables to nothing to unset them. */
function withoutEmpty(env: Environment): Record<string, string> {
  const pairs = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(pairs) as Record<string, string>;
}

function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
