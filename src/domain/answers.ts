import { FAILURES, type FailureType } from './failure.js';
import { ABORT_UPDATE, RETRY_STEP_UPDATE, SKIP_STEP_UPDATE } from './names.js';
import type { AskedOfStep, StepAnswer, StepError, StepProgress } from './progress.js';
import { shellQuote } from './shell-quote.js';

/** Which run an answer goes to, and what a command needs to reach it. */
export interface RunAddress {
  readonly workflowId: string;
  readonly namespace: string;
  /** `host:port` of Temporal; absent where nobody knows it, or where the Temporal CLI finds it by itself. */
  readonly address?: string | undefined;
}

/** At most so many files are named in an error; where there are as many and nobody has counted them, there may be more. */
const MOST_FILES = 20;
const MOST_ERRORS = 100_000;

/** A COPY may be told to do without files or rows; a retry of anything else is the same again. */
export function takesFileWishes({ kind }: Pick<StepProgress, 'kind'>): boolean {
  return kind === 'stage';
}

/** Without a cluster there is no warehouse. */
export function isSkippable({ kind }: Pick<StepProgress, 'kind'>): boolean {
  return kind !== 'provision';
}

/**
 * The ways to answer a parked step: those that can help with its failure, ready to run as they are. The last one ends the run. This is the
 * only place that renders them; whoever shows them adds nothing.
 */
export function answersTo(step: StepProgress, run: RunAddress): readonly StepAnswer[] {
  const answer = answerRenderer(step, run);
  return [
    ...retries(step).map(({ does, wish }) => answer.retry(does, wish)),
    ...(isSkippable(step) ? [answer.skip(skipText(step))] : []),
    answer.abort(abortText(step.error?.before?.error ?? step.error)),
  ];
}

/** Flags that the Temporal CLI needs to reach the run's server and namespace; empty where its defaults do. */
export function temporalFlags({ address, namespace }: Pick<RunAddress, 'address' | 'namespace'>): string {
  return [
    address === undefined ? '' : ` --address ${shellQuote(address)}`,
    namespace === 'default' ? '' : ` --namespace ${shellQuote(namespace)}`,
  ].join('');
}

/** Starts a command of Starshift in the run's namespace. */
export function starshiftCommand({ namespace }: Pick<RunAddress, 'namespace'>): string {
  return namespace === 'default' ? 'npx starshift' : `TEMPORAL_NAMESPACE=${shellQuote(namespace)} npx starshift`;
}

/** What a retry asks for. */
interface Wish {
  readonly maxErrors?: number;
  readonly exclude?: readonly string[];
  readonly reload?: readonly string[];
}

interface Retry {
  readonly does: string;
  readonly wish: Wish;
}

/** What must come true before the same try can end better. */
const MENDING: Partial<Record<FailureType, string>> = {
  [FAILURES.copyRejectedRows.type]: 'mend the rows in their files, then run the step again',
  [FAILURES.fileChanged.type]: 'put back what was loaded, then run the step again',
  [FAILURES.listingOutdated.type]: 'when nobody writes these files any more, run the step again',
  [FAILURES.ledgerMismatch.type]: 'make the table what the ledger says, then run the step again',
  [FAILURES.duplicateKeys.type]: 'make the rows or the load statement give one row a key, then run the step again',
  [FAILURES.warehouseBusy.type]: 'when the other run has ended, run the step again',
  [FAILURES.checkFailed.type]: 'mend the data, then check again',
};

/** A load that cannot be mended where it stands is started again. */
const ABORT_TEXTS: Partial<Record<FailureType, string>> = {
  [FAILURES.ledgerMismatch.type]: 'end the run; a load with "mode": "full" builds the table anew',
  [FAILURES.fileChanged.type]:
    'end the run; started again with "onChanged": "reload", it replaces the rows of every changed file',
  [FAILURES.stagingReplaced.type]: 'end the run; started again, it stages its own rows',
};

function abortText(error: StepError | undefined): string {
  const text = ABORT_TEXTS[error?.type as FailureType] ?? 'end the run';
  if (error?.type !== FAILURES.fileChanged.type || filesAreAll(error)) return text;
  return `there are more changed files than an answer can name: ${text}`;
}

function retries(step: StepProgress): readonly Retry[] {
  const type = step.error?.type as FailureType | undefined;
  if (type === FAILURES.notListed.type) return retriesWithoutList(step);
  // The rows that the step would read are gone.
  if (type === FAILURES.stagingReplaced.type) return [];
  const again: Retry = { does: (type && MENDING[type]) ?? 'mend the cause, then run the step again', wish: {} };
  return takesFileWishes(step) ? [again, ...fileRetries(step)] : [again];
}

/**
 * After a list of which a name was not found, what had failed before still stands. A bare retry forgets the list; what is kept of it has
 * to be said again.
 */
function retriesWithoutList(step: StepProgress): readonly Retry[] {
  const { error, asked = {} } = step;
  const found = {
    ...withoutFiles('exclude', asked, error?.files ?? []),
    ...withoutFiles('reload', asked, error?.files ?? []),
  };
  const rest: readonly Retry[] =
    Object.keys(found).length === 0 ? [] : [{ does: 'keep the rest of the list, and run the step again', wish: found }];
  const before = error?.before;
  const forget = 'a retry without the list that was not found forgets it';
  if (before === undefined) return [{ does: `run the step again: ${forget}`, wish: {} }, ...rest];
  const { asked: _, ...parked } = step;
  const [again, ...others] = retries({ ...parked, ...before });
  return [...(again === undefined ? [] : [{ ...again, does: `${again.does}; ${forget}` }]), ...rest, ...others];
}

/** What is left of a list without these URLs; nothing where none of them is in it, or nothing else. */
function withoutFiles(list: 'exclude' | 'reload', asked: AskedOfStep, urls: readonly string[]): Wish {
  const files = asked[list] ?? [];
  const left = files.filter((file) => !urls.some((url) => url === file || url.replace(/^s3:\/\/[^/]*\//, '') === file));
  return left.length === 0 || left.length === files.length ? {} : { [list]: left };
}

/** Whether an error names every file that it is about. */
function filesAreAll({ files = [], fileCount }: StepError): boolean {
  return fileCount === undefined ? files.length < MOST_FILES : files.length === fileCount;
}

/** A retry replaces what earlier ones asked for, so it says again what is to stay. */
function fileRetries({ error, asked = {} }: StepProgress): readonly Retry[] {
  const files = error?.files ?? (error?.file === undefined ? [] : [error.file]);
  const those = files.length === 1 ? 'that file' : `these ${files.length} files`;
  const exclude = [...new Set([...(asked.exclude ?? []), ...files])];
  if (error?.type === FAILURES.copyRejectedRows.type) {
    const maxErrors = roomFor(Math.max(error.rejectedRows ?? 1, asked.maxErrors ?? 0));
    const isMore = maxErrors > (asked.maxErrors ?? 0);
    return [
      ...(isMore
        ? [{ does: `accept up to ${maxErrors} rejected rows; they go into quarantine`, wish: { maxErrors } }]
        : []),
      ...(files.length === 0 ? [] : [{ does: `leave ${those} out; quarantine keeps the name`, wish: { exclude } }]),
    ];
  }
  if (error?.type === FAILURES.fileChanged.type && files.length > 0 && filesAreAll(error)) {
    const [it, version, name] = files.length === 1 ? ['it', 'version', 'name'] : ['them', 'versions', 'names'];
    const reload = [...new Set([...(asked.reload ?? []), ...files])];
    return [
      {
        does: `replace the rows of ${those}, and of those loaded together with ${it}, by what is there now`,
        wish: { reload },
      },
      { does: `leave the new ${version} of ${those} out; quarantine keeps the ${name}`, wish: { exclude } },
    ];
  }
  return [];
}

/** COPY stops at the first row too many, so there may be more than it has named: the next power of ten. */
function roomFor(rejectedRows: number): number {
  let room = 10;
  while (room <= rejectedRows && room < MOST_ERRORS) room *= 10;
  return room;
}

function skipText({ kind }: StepProgress): string {
  if (kind === 'claim') return 'go on without the claim, though another run may be at the same tables';
  return kind === 'check' ? 'accept what the check found' : 'go on without it and without what needs it';
}

function answerRenderer(step: StepProgress, run: RunAddress) {
  const id = shellQuote(run.workflowId);
  const stepId = shellQuote(step.id);
  const starshift = starshiftCommand(run);
  const update = (name: string, argument: object) =>
    `temporal workflow update execute${temporalFlags(run)} --workflow-id ${id} --name ${name} --input ${shellQuote(JSON.stringify(argument))}`;
  return {
    retry: (does: string, wish: Wish): StepAnswer => ({
      does,
      starshift: `${starshift} retry ${id} ${stepId}${retryFlags(wish)}`,
      temporal: update(RETRY_STEP_UPDATE, { step: step.id, ...wish }),
    }),
    skip: (does: string): StepAnswer => ({
      does,
      starshift: `${starshift} skip ${id} ${stepId}`,
      temporal: update(SKIP_STEP_UPDATE, { step: step.id }),
    }),
    abort: (does: string): StepAnswer => ({
      does,
      starshift: `${starshift} abort ${id}`,
      temporal: update(ABORT_UPDATE, {}),
    }),
  };
}

function retryFlags({ maxErrors, exclude, reload }: Wish): string {
  return [
    maxErrors === undefined ? '' : ` --max-errors ${maxErrors}`,
    exclude === undefined ? '' : ` --exclude ${exclude.map(shellQuote).join(' ')}`,
    reload === undefined ? '' : ` --reload ${reload.map(shellQuote).join(' ')}`,
  ].join('');
}
