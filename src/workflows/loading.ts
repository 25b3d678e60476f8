import type { WarehouseScope } from '../activities/activities.js';
import type { CopyFacts, SourceListing } from '../domain/facts.js';
import { FAILURES } from '../domain/failure.js';
import type { LoadMode, OnChanged, Source } from '../domain/input.js';
import type { LoadStepPlan, StagePlan, TransformPlan } from '../domain/plan.js';
import { count, loadStepTitle, STEP_IDS } from '../domain/step-titles.js';
import { isFailureOf, terminalFailure } from './failure-text.js';
import { activity } from './policies.js';
import type { Run } from './run.js';
import type { Step, StepFacts, StepTry } from './step.js';

export interface LoadOptions {
  readonly scope: WarehouseScope;
  readonly source: Source;
  readonly maxErrors: number;
  readonly mode: LoadMode;
  readonly onChanged: OnChanged;
  /** Files to load anew, whatever the ledger says of them. */
  readonly reload: readonly string[];
}

/** A step for each COPY and each INSERT of the plan, in the plan's order. */
export function loadSteps(plan: readonly LoadStepPlan[], options: LoadOptions): readonly Step[] {
  requireSources(plan, options.reload);
  return plan.map((step) => ({
    id: step.id,
    kind: step.kind,
    title: loadStepTitle(step),
    needs: step.needs,
    ...(step.kind === 'stage' ? { reload: options.reload.filter((file) => isUnder(file, step.url)) } : {}),
    work: (attempt) => (step.kind === 'stage' ? stage(step, options, attempt) : transform(step, options)),
  }));
}

/** Ends the run before anything is done: no listing would find a file that lies under no source. */
function requireSources(plan: readonly LoadStepPlan[], files: readonly string[]): void {
  const urls = plan.flatMap((step) => (step.kind === 'stage' ? [step.url] : []));
  const lost = files.filter((file) => !urls.some((url) => isUnder(file, url)));
  if (lost.length === 0) return;
  const message = `"reload" names ${lost.join(', ')}, and the sources of this load are ${urls.join(', ')}. Name keys or S3 URLs of files under them.`;
  throw terminalFailure(FAILURES.invalidInput.type, message);
}

/** An `s3://` URL as it is, a key in the bucket of the URL. */
function isUnder(file: string, url: string): boolean {
  const [, , bucket] = url.split('/');
  return (file.startsWith('s3://') ? file : `s3://${bucket}/${file}`).startsWith(url);
}

/** The step that counts what the tables hold at the end. */
export function countSteps(run: Run, scope: WarehouseScope): readonly Step[] {
  const title = `COUNT ROWS of ${scope.warehouse}`;
  const work = async () => {
    const tables = await activity('countRows', title)(scope);
    run.recordTables(tables);
    return { note: count(Object.keys(tables).length, 'table') };
  };
  return [{ id: STEP_IDS.countRows, kind: 'count', title, needs: [], work }];
}

/** Listings of one try: a file that is written again and again needs a person. */
const MAX_LISTINGS = 3;

/**
 * Lists anew on every try: whoever mended a file has changed what the manifest pins. Within a try it lists again when the listing was not
 * true any more at the end of its COPY.
 */
async function stage(step: StagePlan, options: LoadOptions, attempt: StepTry): Promise<StepFacts> {
  for (let listings = 1; ; listings++) {
    try {
      return await listAndCopy(step, options, attempt);
    } catch (error) {
      if (listings === MAX_LISTINGS || !isFailureOf(error, FAILURES.listingOutdated.type)) throw error;
      attempt.remark('lists the source again: it changed while it was loaded');
    }
  }
}

async function listAndCopy(step: StagePlan, options: LoadOptions, attempt: StepTry): Promise<StepFacts> {
  const { scope, source } = options;
  const list = activity('listSource', `LIST ${step.url}`);
  const listing = await list({
    warehouse: scope.warehouse,
    source,
    sourceName: step.source,
    step: step.id,
    exclude: attempt.exclude,
    ...(options.mode === 'full' ? {} : { incremental: ledgerQuestion(step, options, attempt) }),
  });
  const title = loadStepTitle(step, listing.files);
  attempt.retitle(title);
  const facts = await activity(
    'copyBatch',
    title,
  )({
    ...scope,
    source,
    sourceName: step.source,
    table: step.table,
    step: step.id,
    listing,
    maxErrors: attempt.maxErrors ?? options.maxErrors,
    mode: options.mode,
    excluded: attempt.exclude.map((file) => ({ file, reason: attempt.reasons[file] ?? '' })),
  });
  const { rows, files, sizeBytes, rejectedRows, deletedRows, quarantinedFiles } = facts;
  const notes = [facts.alreadyDone ? 'was committed before' : stageNote(listing, attempt), quarantineNote(facts)];
  const note = notes.filter((part) => part !== undefined).join('; ') || undefined;
  return { rows, files, sizeBytes, rejectedRows, deletedRows, quarantinedFiles, note };
}

function ledgerQuestion({ table }: StagePlan, { scope, onChanged }: LoadOptions, { reload }: StepTry) {
  return { ...scope, table, onChanged, reload };
}

function stageNote({ difference }: SourceListing, { exclude }: StepTry): string | undefined {
  const parts = [
    ...(difference === undefined ? [] : [`${count(difference.known, 'file')} known`]),
    ...(difference?.reloaded ? [`${difference.reloaded} loaded anew`] : []),
    ...(difference?.quarantined ? [`${difference.quarantined} in quarantine`] : []),
    ...(exclude.length === 0 ? [] : [`${count(exclude.length, 'file')} left out`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function quarantineNote({ notInQuarantine = 0 }: CopyFacts): string | undefined {
  if (notInQuarantine === 0) return undefined;
  const [are, them] = notInQuarantine === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${count(notInQuarantine, 'rejected row')} ${are} not in quarantine: the cluster's load views did not show ${them}`;
}

async function transform(step: TransformPlan, { scope, mode }: LoadOptions): Promise<StepFacts> {
  const { id, table, reads } = step;
  const work = activity('transformTable', loadStepTitle(step));
  const { rows, updatedRows, deletedRows, alreadyDone } = await work({ ...scope, step: id, table, reads, mode });
  return { rows, updatedRows, deletedRows, note: alreadyDone ? 'was committed before' : undefined };
}
