import { Command } from 'commander';
import { processEnvironment } from '../config.js';
import { usageError } from './cli-error.js';
import { findDestination } from './connect.js';
import { withWarehouse } from './find-warehouse.js';
import { requireLedger } from './history/require-ledger.js';
import { retryQuarantined } from './quarantine/retry-quarantined.js';
import { showQuarantine } from './quarantine/show-quarantine.js';
import { parseMaxErrors } from './retry.js';
import { openTerminal } from './terminal.js';
import { addWarehouseOptions, type WarehouseOptions } from './warehouse-options.js';

interface ListOptions extends WarehouseOptions {
  readonly table?: string;
  readonly all?: boolean;
  readonly limit?: string;
  readonly json?: boolean;
}

interface RetryOptions extends WarehouseOptions {
  readonly table?: string;
  readonly all?: boolean;
  readonly maxErrors?: string;
  readonly workflowId?: string;
  readonly json?: boolean;
}

const RETRY_FORMS =
  'starshift quarantine retry FILE..., starshift quarantine retry --table TABLE, or starshift quarantine retry --all';

/** `starshift quarantine`: rows that COPY rejected and files that were left out, and loading them once they are mended. */
export function quarantineCommand(): Command {
  return new Command('quarantine')
    .summary('rejected rows and files that were left out; load them again')
    .description(
      'Rows that COPY rejected within maxErrors and files that a person left out lie in quarantine, in starshift.quarantine of the\nwarehouse, until a later load takes their file or their table is loaded in full.',
    )
    .addCommand(listCommand())
    .addCommand(retryCommand())
    .addHelpText(
      'after',
      `
Examples:
  starshift quarantine list
  starshift quarantine retry --all`,
    );
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('what lies in quarantine')
    .description(
      'Open entries by file: line, column, value, raw text, reason, since when, by which run. Changes nothing.',
    )
    .option('--table <table>', 'only what was meant for this table')
    .option('--all', 'also entries that are settled, and by which load')
    .option('--limit <n>', 'how many entries of each file to show', '20')
    .option('--json', 'print one JSON document on stdout');
  return addWarehouseOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  starshift quarantine list
  starshift quarantine list --table staging_events --all
  starshift quarantine list --json
Exit code: 0 shown, 1 the warehouse cannot be reached, 2 wrong usage.`,
    )
    .action(async (options: ListOptions) => {
      const limit = parseLimit(options.limit ?? '20');
      const terminal = openTerminal(processEnvironment());
      const destination = await findDestination();
      await withWarehouse({ destination, options, command: 'quarantine list' }, async (session, { schema }) => {
        await requireLedger(session);
        const { table, all = false, json = false } = options;
        await showQuarantine({ session, schema, table: table?.toLowerCase(), all, limit, json, terminal });
      });
    });
}

function retryCommand(): Command {
  const command = new Command('retry')
    .summary('load files from quarantine again')
    .description(
      'Starts an incremental loadWarehouse run that loads these files again, follows it, and says which entries it closed. COPY does not\ntell which file a row is from, so a file of which only rows were rejected is loaded again together with the other files of its load.',
    )
    .argument('[file...]', 'URLs, keys or ends of paths of files in quarantine')
    .option('--table <table>', 'every file that was meant for this table')
    .option('--all', 'every file in quarantine')
    .option('--max-errors <n>', 'how many rows may be rejected, 0 to 100000 (default: as in the input)')
    .option('--workflow-id <id>', 'id of the run (default: workflow, warehouse and time)')
    .option('--json', 'print one JSON document on stdout');
  return addWarehouseOptions(command)
    .addHelpText(
      'after',
      `
Source, warehouse and target of the run are those of --input-file, --input or --run; without them, those of the run that put the
files into quarantine.

Examples:
  starshift quarantine retry 2018-11-12-events.json
  starshift quarantine retry --all --input-file examples/load-incremental.json
  starshift quarantine retry --table staging_events --run load-3
Exit code: 0 loaded, 1 something stays in quarantine, 2 wrong usage, 130 you stopped following the run.`,
    )
    .action(async (files: readonly string[], options: RetryOptions) => {
      const chosen = [files.length > 0, options.table !== undefined, options.all === true].filter(Boolean).length;
      if (chosen !== 1) throw usageError(`Say which files, in one way: ${RETRY_FORMS}.`);
      const { table, workflowId, json = false } = options;
      process.exitCode = await retryQuarantined({
        destination: await findDestination(),
        terminal: openTerminal(processEnvironment()),
        options,
        files,
        table: table?.toLowerCase(),
        maxErrors: options.maxErrors === undefined ? undefined : parseMaxErrors(options.maxErrors),
        workflowId,
        json,
      });
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= 100_000) return limit;
  throw usageError(`--limit ${text} is not a number from 1 to 100000, for example --limit 20.`);
}
