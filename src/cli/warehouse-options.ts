import type { Command } from 'commander';
import { usageError } from './cli-error.js';

/** How a person names the warehouse that a command is to look into. */
export interface WarehouseOptions {
  /** Identifier of a cluster. */
  readonly cluster?: string | undefined;
  readonly passwordEnv?: string | undefined;
  /** File with the input of a run. */
  readonly inputFile?: string | undefined;
  /** The input itself. */
  readonly input?: string | undefined;
  /** Workflow id of a run whose input is used. */
  readonly run?: string | undefined;
  readonly schema?: string | undefined;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,126}$/;

/** Adds the options that name a run's input as the way to its warehouse. */
export function addInputOptions(command: Command): Command {
  return command
    .option('--input-file <file>', "use the warehouse that a run's input names")
    .option('--input <json>', 'the same, with the input itself')
    .option('--run <workflow-id>', 'use the warehouse that the input of this run names');
}

/** Adds every way to name a warehouse. */
export function addWarehouseOptions(command: Command): Command {
  return addInputOptions(
    command
      .option('--cluster <identifier>', 'the cluster to look into (default: the only one there is)')
      .option('--password-env <name>', 'variable that holds its password, where Secrets Manager does not'),
  ).option('--schema <name>', "schema of the warehouse's tables (default: the input's, else public)");
}

/** @throws CliError (exit 2) when the warehouse is named in more than one way */
export function requireOneWay(options: WarehouseOptions): void {
  const ways = [
    ...(options.cluster === undefined ? [] : ['a cluster']),
    ...(options.inputFile === undefined ? [] : ['--input-file']),
    ...(options.input === undefined ? [] : ['--input']),
    ...(options.run === undefined ? [] : ['--run']),
  ];
  if (ways.length > 1) throw usageError(`Name the warehouse in one way only, not with ${ways.join(' and ')}.`);
  if (options.passwordEnv !== undefined && ways.length > 0 && options.cluster === undefined) {
    throw usageError(`--password-env belongs to a cluster; with ${ways[0]} the input names the password.`);
  }
  if (options.schema !== undefined && !SCHEMA.test(options.schema)) {
    throw usageError(`--schema ${options.schema} is not a schema name, for example --schema public.`);
  }
}
