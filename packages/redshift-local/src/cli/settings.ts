import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SetupError } from '../engine/setup-error.js';

/** All that can be set, from the command line and the environment. */
export interface Settings {
  readonly stateDir: string;
  readonly host: string;
  readonly endpointAddress: string;
  /** Undefined: 5439, or the next free port. */
  readonly port: number | undefined;
  /** Undefined: 5440 upwards, whatever is free. */
  readonly controlPort: number | undefined;
  readonly region: string;
  readonly accountId: string;
  /** Undefined: Amazon S3 itself. */
  readonly s3Endpoint: string | undefined;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly delayFactor: number;
  readonly defaultCluster: boolean;
  readonly readyFile: string | undefined;
  readonly json: boolean;
  /** Opens the resource /faults. */
  readonly faults: boolean;
  readonly exitWithParent: boolean;
  readonly runAs: string | undefined;
}

const EXAMPLES = `
Examples:
  $ redshift-local                                  a control plane and one cluster, with its DSN
  $ redshift-local --s3-endpoint http://127.0.0.1:7070
                                                    COPY reads from this S3
  $ redshift-local --no-default-cluster --ready-file /tmp/ready.json
                                                    for a program that creates clusters itself
  $ redshift-local --delay 0                        clusters change state at once
  $ redshift-local --state ~/warehouses/a --port 5441
                                                    a second one beside the first

Environment:
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY   what requests must be signed with, and what S3 is asked with;
                                             without them keys are made up and printed
  AWS_REGION                                 the region it plays (us-east-1)
  AWS_ENDPOINT_URL_S3                        as --s3-endpoint
  REDSHIFT_LOCAL_RUN_AS                      as root only: the account PostgreSQL runs as (postgres)

Exit status: 0 stopped in order, 1 failed, 2 wrong usage or something to put right first.
`;

/** Reads arguments (without the program's name) and environment. Throws CommanderError for wrong usage, SetupError for a bad variable. */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): Settings {
  const command = program();
  command.parse([...args], { from: 'user' });
  const options = command.opts<ParsedOptions>();
  return {
    stateDir: path.resolve(options.state),
    host: options.listen,
    endpointAddress: options.advertise,
    port: options.port,
    controlPort: options.controlPort,
    region: options.s3Region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1',
    accountId: '000000000000',
    s3Endpoint: options.s3Endpoint ?? checkedUrl('AWS_ENDPOINT_URL_S3', environment.AWS_ENDPOINT_URL_S3),
    keys: keysOf(environment),
    delayFactor: options.delay,
    defaultCluster: options.defaultCluster,
    readyFile: options.readyFile === undefined ? undefined : path.resolve(options.readyFile),
    json: options.json,
    faults: options.faults,
    exitWithParent: options.exitWithParent,
    runAs: environment.REDSHIFT_LOCAL_RUN_AS || undefined,
  };
}

interface ParsedOptions {
  readonly state: string;
  readonly port?: number;
  readonly controlPort?: number;
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  readonly delay: number;
  readonly defaultCluster: boolean;
  readonly readyFile?: string;
  readonly json: boolean;
  readonly faults: boolean;
  readonly exitWithParent: boolean;
  readonly listen: string;
  readonly advertise: string;
}

function program(): Command {
  return new Command('redshift-local')
    .description('A local Amazon Redshift: SQL endpoints, and the AWS API that creates, pauses and deletes them.')
    .addOption(new Option('--state <dir>', 'where everything is kept').default('.redshift-local'))
    .option('--port <port>', 'where the first cluster listens (default: 5439, or the next free port)', parsePort)
    .option('--control-port <port>', 'where the AWS API listens (default: 5500, or the next free port)', parsePort)
    .option('--s3-endpoint <url>', 'the S3 that COPY reads from (default: Amazon S3)', parseUrl)
    .option('--s3-region <region>', 'the region of everything (default: AWS_REGION, or us-east-1)')
    .option('--no-default-cluster', 'create no cluster at the first start')
    .option(
      '--delay <factor>',
      'how long states like "creating" last: 1 is about two seconds, 0 not at all',
      parseFactor,
      1,
    )
    .option('--ready-file <path>', 'write ports and the CA file there, as JSON, once everything runs')
    .option('--json', 'print the same JSON on one line instead of text', false)
    .option('--faults', 'let tests inject faults over HTTP, from this machine: see the README', false)
    .option('--exit-with-parent', 'stop when standard input closes', false)
    .option('--listen <address>', 'the address to listen on, for containers', '127.0.0.1')
    .option('--advertise <name>', 'the name clients reach it by, for containers', 'localhost')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride();
}

function keysOf(environment: NodeJS.ProcessEnv): Settings['keys'] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  if (!accessKeyId && !secretAccessKey) return undefined;
  const [set, missing] = accessKeyId
    ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
  throw new SetupError(`${set} is set but ${missing} is not: set both, or neither to have keys made up.`);
}

function checkedUrl(name: string, value: string | undefined): string | undefined {
  if (!value) return undefined;
  try {
    return parseUrl(value);
  } catch (error) {
    throw new SetupError(`${name}: ${(error as Error).message}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    throw new InvalidArgumentError('A port is a number from 1 to 65535, for example 5439.');
  }
  return port;
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (text.trim() === '' || !(factor >= 0 && factor <= 1000)) {
    throw new InvalidArgumentError('A factor is a number from 0 to 1000, for example 0.5.');
  }
  return factor;
}

function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError(`"${text}" is not an http or https URL, for example http://127.0.0.1:7070.`);
  }
  return text.replace(/\/+$/, '');
}
