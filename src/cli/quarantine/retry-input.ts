import type { QuarantinedFile } from '../../adapters/redshift/ledger/quarantine.js';
import { folderUrl } from '../../adapters/s3/s3-url.js';
import { loadWarehouseInput, parseInput } from '../../domain/input.js';
import { printableLine } from '../../domain/printable.js';
import { CliError, usageError } from '../cli-error.js';
import type { Session } from '../connect.js';
import { type FoundWarehouse, findWarehouse } from '../find-warehouse.js';
import type { InputScope } from '../input-scope.js';
import { readRunScope } from '../run-scope.js';

interface Request {
  readonly session: Session;
  readonly warehouse: FoundWarehouse;
  readonly files: readonly QuarantinedFile[];
  readonly maxErrors: number | undefined;
}

/** Fields of a load that the run takes over from the input; the others are the retry's own. */
const KEPT = ['warehouse', 'source', 'maxErrors', 'onChanged', 'whenBusy', 'onFailure', 'decisionTimeout'] as const;

/**
 * Input of the run that loads the files again: an incremental load with the source of the input that was named, else of the run that
 * put the files into quarantine.
 * @throws CliError 1 when that run or a file's source cannot be told, 2 when the input that was named loads nothing
 */
export async function retryInput(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const { warehouse, files, maxErrors } = request;
  const scope = warehouse.scope ?? (await scopeOfEntries(request));
  const input = {
    ...Object.fromEntries(KEPT.filter((name) => name in scope.value).map((name) => [name, scope.value[name]])),
    target: scope.target,
    schema: warehouse.schema,
    mode: 'incremental',
    reload: [...new Set(files.map(({ url }) => url))],
    ...(maxErrors === undefined ? {} : { maxErrors }),
  };
  const parsed = parseInput(loadWarehouseInput, input);
  if ('errors' in parsed) {
    throw usageError(
      `The input of ${scope.workflow} does not say what to load; name one of loadWarehouse or buildWarehouse:\n${parsed.errors.map((error) => `  ${error}`).join('\n')}`,
    );
  }
  requireSource(files, parsed.input.source.url);
  return input;
}

/** The input of the run that put the newest of them there, if Temporal still has it and it was about this warehouse. */
async function scopeOfEntries({ session, warehouse, files }: Request): Promise<InputScope> {
  const newest = [...files]
    .flatMap(({ entries }) => entries)
    .sort((one, other) => other.quarantinedAt.localeCompare(one.quarantinedAt))[0];
  const run = newest?.workflowId ?? '';
  try {
    const scope = await readRunScope(session.client, run);
    const { settings } = await findWarehouse({ destination: session, options: { run } });
    const { host, port, database } = warehouse.settings;
    if (settings.host === host && settings.port === port && settings.database === database) return scope;
    throw new CliError(`Run ${run} now works on another warehouse.`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(
      printableLine(
        `The files were left out by run ${run}, whose input cannot be used: ${error.message} Name an input with --input-file.`,
      ),
      undefined,
      { cause: error },
    );
  }
}

function requireSource(files: readonly QuarantinedFile[], source: string): void {
  const outside = files.map(({ url }) => url).filter((url) => !url.startsWith(folderUrl(source)));
  if (outside.length === 0) return;
  throw new CliError(
    printableLine(
      `Not under ${folderUrl(source)}, the source of the input: ${outside.slice(0, 5).join(', ')}${outside.length > 5 ? ', ...' : ''}. Name the input that they were loaded with (--input-file, --run), and retry each source by itself.`,
    ),
  );
}
