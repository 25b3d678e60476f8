import type { QuarantinedFile } from '../../adapters/redshift/ledger/quarantine.js';
import { CliError, EXIT, type ExitCode } from '../cli-error.js';
import { connect, type Destination, type Session } from '../connect.js';
import { withWarehouse } from '../find-warehouse.js';
import { followRun, reportOutcome, unfinishedDocument } from '../follow-run.js';
import { printableJson } from '../printable-json.js';
import { defaultRunId, sayStarted, startRun } from '../run.js';
import { stopSignal } from '../stop-signal.js';
import type { Terminal } from '../terminal.js';
import type { WarehouseOptions } from '../warehouse-options.js';
import type { RunOutcome } from '../watch-run.js';
import { chooseFiles } from './choose-files.js';
import { retryInput } from './retry-input.js';
import { type RetryVerdict, readVerdict, verdictLines } from './retry-verdict.js';

/** Which files to load again, and how. */
export interface RetryRequest {
  readonly destination: Destination;
  readonly options: WarehouseOptions;
  readonly terminal: Terminal;
  /** As typed; empty: every file that the other fields allow. */
  readonly files: readonly string[];
  readonly table: string | undefined;
  readonly maxErrors: number | undefined;
  readonly workflowId: string | undefined;
  readonly json: boolean;
}

const COMMAND = 'quarantine retry';
const WORKFLOW = 'loadWarehouse';

/**
 * Loads files from quarantine again in a run of its own and says what became of their entries.
 * @throws CliError 1 for files that are not in quarantine, or when nobody can tell where they come from
 */
export async function retryQuarantined(request: RetryRequest): Promise<ExitCode> {
  const { destination, options, terminal, json } = request;
  const { files, warehouse } = await withWarehouse(
    { destination, options, command: COMMAND },
    async (session, found) => ({
      files: await chooseFiles(session, { ...request, schema: found.schema }),
      warehouse: found,
    }),
  );
  if (files.length === 0) {
    terminal.say(`Nothing of schema ${warehouse.schema} lies in quarantine.`);
    if (json) terminal.result(printableJson({ run: null, closed: [], open: [] }));
    return EXIT.done;
  }
  const session = await connect(destination);
  try {
    const input = await retryInput({ ...request, session, warehouse, files });
    const workflowId = request.workflowId ?? defaultRunId(WORKFLOW, input);
    const { outcome, runId } = await run({ session, terminal, input, workflowId, files });
    const code = reportOutcome({ outcome, workflowId, runId, session, terminal, json: false });
    if (outcome.kind === 'interrupted' || outcome.kind === 'unreachable') return code;
    const verdict = await withWarehouse({ destination, options, command: COMMAND }, (warehouseSession) =>
      readVerdict(warehouseSession, { schema: warehouse.schema, files, workflowId }),
    );
    for (const line of verdictLines(verdict, outcome)) terminal.say(line);
    if (json) terminal.result(printableJson(document(verdict, { outcome, workflowId, runId })));
    return verdict.open.length > 0 ? EXIT.failed : code;
  } finally {
    await session.close();
  }
}

async function run(request: {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly input: Readonly<Record<string, unknown>>;
  readonly workflowId: string;
  readonly files: readonly QuarantinedFile[];
}): Promise<{ readonly outcome: RunOutcome; readonly runId: string }> {
  const { session, terminal, input, workflowId, files } = request;
  const handle = await startRun({ session, workflow: WORKFLOW, input, workflowIds: [workflowId] });
  await sayStarted({ session, terminal, workflow: WORKFLOW, workflowId });
  const count = new Set(files.map(({ url }) => url)).size;
  terminal.say(
    `It loads ${count} ${count === 1 ? 'file' : 'files'} from quarantine again, with the other files of their loads.`,
  );
  const outcome = await followRun({ session, handle, terminal, signal: stopSignal() });
  return { outcome, runId: handle.firstExecutionRunId };
}

function document(
  verdict: RetryVerdict,
  run: { readonly outcome: RunOutcome; readonly workflowId: string; readonly runId: string },
): object {
  const { outcome, ...ids } = run;
  if (outcome.kind === 'completed') return { run: outcome.result, ...verdict };
  if (outcome.kind === 'interrupted') throw new CliError('Nobody followed the run to its end.');
  return { run: unfinishedDocument(outcome, ids), ...verdict };
}
