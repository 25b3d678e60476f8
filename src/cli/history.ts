import { Command } from 'commander';
import { processEnvironment } from '../config.js';
import { usageError } from './cli-error.js';
import { findDestination } from './connect.js';
import { withWarehouse } from './find-warehouse.js';
import { requireLedger } from './history/require-ledger.js';
import { showFile } from './history/show-file.js';
import { type HistoryRequest, showLatest, showRun, showTable } from './history/show-steps.js';
import { openTerminal } from './terminal.js';
import { addWarehouseOptions, type WarehouseOptions } from './warehouse-options.js';

interface HistoryOptions extends WarehouseOptions {
  readonly limit?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

type Show = (request: HistoryRequest) => Promise<void>;

/** What can be asked about, with the form of the name. */
const SUBJECTS: Readonly<Record<string, { readonly example: string; readonly show: (name: string) => Show }>> = {
  table: { example: 'songplays', show: (table) => (request) => showTable({ ...request, ...inSchema(table) }) },
  file: { example: '2018-11-12-events.json', show: (file) => (request) => showFile({ ...request, file }) },
  run: { example: 'load-1', show: (run) => (request) => showRun({ ...request, run }) },
};

/** `starshift history`: what the ledger in the warehouse knows of loads, tables, files and runs. */
export function historyCommand(): Command {
  const command = new Command('history')
    .summary('what was loaded: into which table, from which file, by which run')
    .description(
      'Reads the ledger in the warehouse: what was loaded lately; what changed a table; which runs loaded a file, in which version,\nand whether it is in the table now; what a run committed. Times are UTC. Creates and changes nothing.',
    )
    .usage('[table TABLE | file FILE | run WORKFLOW_ID] [options]')
    .argument('[subject]', 'table, file or run (default: what was loaded lately)')
    .argument('[name]', 'name of the table; URL, key or end of the path of the file; workflow id or run id')
    .option('--limit <n>', 'how many to show (default: 20; of a run everything)')
    .option('--all', 'of what was loaded lately: also commits that changed nothing')
    .option('--json', 'print one JSON document on stdout');
  return addWarehouseOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  starshift history
  starshift history table songplays
  starshift history file 2018-11-12-events.json
  starshift history run load-1 --json
  starshift history --input-file examples/load-warehouse.json
Exit code: 0 found, 1 not found or the warehouse cannot be reached, 2 wrong usage.`,
    )
    .action(async (subject: string | undefined, name: string | undefined, options: HistoryOptions) => {
      await ask(parseQuestion(subject, name), options);
    });
}

function parseQuestion(
  subject: string | undefined,
  name: string | undefined,
): { readonly show: Show; readonly text: string } {
  if (subject === undefined) return { show: showLatest, text: 'history' };
  const known = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
  const forms = Object.entries(SUBJECTS).map(([word, { example }]) => `starshift history ${word} ${example}`);
  if (known === undefined)
    throw usageError(`There is no history of "${subject}". Write ${forms.join(', ')}, or starshift history.`);
  if (name === undefined || name === '') {
    throw usageError(`Which ${subject}? Write for example: starshift history ${subject} ${known.example}`);
  }
  return { show: known.show(name), text: `history ${subject}` };
}

async function ask(question: { readonly show: Show; readonly text: string }, options: HistoryOptions): Promise<void> {
  const limit = parseLimit(options.limit);
  const terminal = openTerminal(processEnvironment());
  const destination = await findDestination();
  await withWarehouse({ destination, options, command: question.text }, async (session, { schema }) => {
    await requireLedger(session);
    await question.show({ session, schema, terminal, limit, all: options.all === true, json: options.json === true });
  });
}

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= 100_000) return limit;
  throw usageError(`--limit ${text} is not a number from 1 to 100000, for example --limit 20.`);
}

/** `music.songplays` names the schema too. Redshift folds names to lower case. */
function inSchema(name: string): { readonly table: string; readonly schema?: string } {
  const [, schema, table] = /^([^.]+)\.(.+)$/.exec(name.toLowerCase()) ?? [];
  return schema === undefined || table === undefined ? { table: name.toLowerCase() } : { schema, table };
}
