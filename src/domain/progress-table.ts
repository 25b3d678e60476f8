import { FAILURES } from './failure.js';
import { ABORT_UPDATE, RETRY_STEP_UPDATE, SKIP_STEP_UPDATE } from './names.js';
import type { RunProgress, StepProgress, StepState } from './progress.js';
import { count, grouped } from './step-titles.js';

/** One sign a state, the same in the Web UI and in the terminal. */
export const STATE_ICONS: Readonly<Record<StepState, string>> = {
  waiting: '⚪',
  running: '🔵',
  parked: '✋',
  done: '✅',
  skipped: '⏭️',
  failed: '❌',
  cancelled: '⛔',
};

/** What the Web UI shows as a run's current details. */
export interface ProgressTableOptions {
  readonly progress: RunProgress;
  /** Added to the Temporal CLI commands when it is not `default`. */
  readonly namespace: string;
  /** One paragraph under the headline: what happens next, or why the run ended. */
  readonly outcome?: string | undefined;
}

/**
 * A run in Markdown: first what needs a person (why it ended, each parked step's error and the commands that answer it), then the
 * step table, which may be long.
 */
export function renderProgressTable({ progress, namespace, outcome }: ProgressTableOptions): string {
  const parked = progress.steps.filter((step) => step.state === 'parked');
  return [
    headline(progress),
    ...(outcome === undefined ? [] : [outcome]),
    ...answers({ parked, workflowId: progress.workflowId, namespace }),
    table(progress.steps),
  ].join('\n\n');
}

function headline(progress: RunProgress): string {
  const design = progress.design === undefined ? '' : ` (design ${progress.design})`;
  const warehouse = progress.warehouse === undefined ? '' : ` of ${progress.warehouse}${design}`;
  const done = progress.steps.filter((step) => step.state === 'done').length;
  return `**${progress.workflow}**${warehouse} on ${progress.cluster}: **${progress.status}**, ${done} of ${count(progress.steps.length, 'step')} done`;
}

function table(steps: readonly StepProgress[]): string {
  const rows = steps.map((step) => {
    const cells = [
      `${STATE_ICONS[step.state]} ${step.state}`,
      `\`${step.id}\``,
      cell(step.title),
      step.rows === undefined ? '' : grouped(step.rows),
      step.durationMs === undefined ? '' : formatDuration(step.durationMs),
      cell(remark(step)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| State | Step | What | Rows | Time | Remark |', '|---|---|---|--:|--:|---|', ...rows].join('\n');
}

function remark(step: StepProgress): string {
  if (step.error !== undefined && step.state !== 'done') return step.error.message;
  const parts = [
    ...(step.rejectedRows ? [`${count(step.rejectedRows, 'row')} rejected`] : []),
    ...(step.tries > 1 ? [`try ${step.tries}`] : []),
    ...(step.note === undefined ? [] : [step.note]),
  ];
  return parts.join('; ');
}

interface AnswersOptions {
  readonly parked: readonly StepProgress[];
  readonly workflowId: string;
  readonly namespace: string;
}

/** Each parked step with its error and commands. What is the same for all of them but the name of the step is said once. */
function answers({ parked, ...run }: AnswersOptions): string[] {
  const [first, ...others] = parked;
  if (first === undefined) return [];
  const sections = parked.flatMap((step) => [
    `### ${STATE_ICONS.parked} ${step.id} waits for an answer`,
    ...(step.error === undefined ? [] : [`**${step.error.type}** at ${step.error.at}`, fence(step.error.message)]),
    fence(commands(step, run, others.length === 0).join('\n'), 'sh'),
  ]);
  if (others.length === 0) return sections;
  const shared = [...choices(first, run).flatMap(({ update }) => update), '# or end the run', ...abortCommands(run)];
  return [...sections, `The same with the Temporal CLI, here for ${first.id}:`, fence(shared.join('\n'), 'sh')];
}

type RunAddress = Omit<AnswersOptions, 'parked'>;

/** One way to answer. */
interface Choice {
  readonly comment: string;
  readonly starshift: string;
  readonly update: string;
}

function commands(step: StepProgress, run: RunAddress, alone: boolean): string[] {
  const lines = choices(step, run).flatMap(({ comment, starshift, update }) => [
    `# ${comment}`,
    starshift,
    ...(alone ? [update] : []),
  ]);
  return alone ? [...lines, '# or end the run', ...abortCommands(run)] : lines;
}

function choices(step: StepProgress, run: RunAddress): readonly Choice[] {
  const words = `${quote(run.workflowId)} ${quote(step.id)}`;
  const retry = (comment: string, flags: string, wish: object): Choice => ({
    comment,
    starshift: `npx starshift retry ${words}${flags}`,
    update: updateCommand(run, RETRY_STEP_UPDATE, { step: step.id, ...wish }),
  });
  const skip: Choice = {
    comment: step.kind === 'check' ? 'or accept what the check found' : 'or go on without it and without what needs it',
    starshift: `npx starshift skip ${words}`,
    update: updateCommand(run, SKIP_STEP_UPDATE, { step: step.id }),
  };
  const file = step.error?.file ?? 's3://bucket/path/of/the-file.json';
  return [
    retry('mend the cause, then run the step again', '', {}),
    ...(mayDependOnFiles(step)
      ? [
          retry('or accept up to 10 rejected rows', ' --max-errors 10', { maxErrors: 10 }),
          retry('or leave a file out', ` --exclude ${quote(file)}`, { exclude: [file] }),
        ]
      : []),
    ...(step.kind === 'provision' ? [] : [skip]),
  ];
}

/** A COPY that may do better with other settings: neither its login nor its listing failed. */
function mayDependOnFiles({ kind, error }: StepProgress): boolean {
  const types: readonly (string | undefined)[] = [FAILURES.copyRejectedRows.type, FAILURES.sqlTerminal.type];
  return kind === 'stage' && types.includes(error?.type);
}

function abortCommands(run: RunAddress): string[] {
  return [`npx starshift abort ${quote(run.workflowId)}`, updateCommand(run, ABORT_UPDATE, { reason: '...' })];
}

function updateCommand({ workflowId, namespace }: RunAddress, name: string, argument: object): string {
  const flags = namespace === 'default' ? '' : ` --namespace ${quote(namespace)}`;
  return `temporal workflow update execute${flags} --workflow-id ${quote(workflowId)} --name ${name} --input ${quote(JSON.stringify(argument))}`;
}

/** `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 10 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A table cell holds one line, and its own bars must not end it. */
function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replace(/<(?=[a-z/!])/gi, '&lt;')
    .replace(/\s*\n\s*/g, '<br>');
}

function fence(text: string, language = ''): string {
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const bar = '`'.repeat(longestRun + 1);
  return `${bar}${language}\n${text}\n${bar}`;
}

/** Quotes for a POSIX shell where needed. */
function quote(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
