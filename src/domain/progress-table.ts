import { formatDuration } from './duration.js';
import { errorLine } from './error-line.js';
import { codeBlock, inlineText, paragraph, tableCell } from './markdown.js';
import { commandLines, describeParkedSteps, type ParkedText } from './parked-text.js';
import { cutVisibly } from './printable.js';
import type { RunProgress, StepProgress, StepState } from './progress.js';
import { rowChanges } from './row-changes.js';
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

/** A remark is a hint; the whole error stands above the table. */
const REMARK_LENGTH = 160;

/** What the Web UI shows as a run's current details. */
export interface ProgressTableOptions {
  readonly progress: RunProgress;
  /** Added to the commands when it is not `default`. */
  readonly namespace: string;
  /** Under the headline: what happens next, or why the run ended. */
  readonly outcome?: string | undefined;
}

/**
 * A run in Markdown: first what needs a person (why it ended, each parked step's error and the commands that answer it), then the
 * step table, which may be long. Errors and remarks hold what others wrote into files and tables: they stay text.
 */
export function renderProgressTable({ progress, namespace, outcome }: ProgressTableOptions): string {
  const parked = describeParkedSteps(progress, { workflowId: progress.workflowId, namespace });
  return [
    headline(progress),
    ...(outcome === undefined ? [] : [paragraph(outcome)]),
    ...answers(parked),
    ...failed(progress.steps, outcome ?? ''),
    ...(progress.notices ?? []).map((notice) => `⚠️ ${inlineText(notice)}`),
    table(progress.steps),
  ].join('\n\n');
}

function headline(progress: RunProgress): string {
  const design = progress.design === undefined ? '' : ` (design ${inlineText(progress.design)})`;
  const warehouse = progress.warehouse === undefined ? '' : ` of ${inlineText(progress.warehouse)}${design}`;
  const done = progress.steps.filter((step) => step.state === 'done').length;
  return `**${progress.workflow}**${warehouse} on ${inlineText(progress.cluster)}: **${progress.status}**, ${done} of ${count(progress.steps.length, 'step')} done`;
}

function table(steps: readonly StepProgress[]): string {
  const rows = steps.map((step) => {
    const cells = [
      `${STATE_ICONS[step.state]} ${step.state}`,
      `\`${step.id}\``,
      tableCell(step.title),
      rowsCell(step),
      step.durationMs === undefined ? '' : formatDuration(step.durationMs),
      tableCell(remark(step)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| State | Step | What | Rows | Time | Remark |', '|---|---|---|--:|--:|---|', ...rows].join('\n');
}

function rowsCell(step: StepProgress): string {
  if (step.rows === undefined) return '';
  const changes = rowChanges(step);
  return changes === undefined ? grouped(step.rows) : `${grouped(step.rows)} \`${changes}\``;
}

function remark(step: StepProgress): string {
  if (step.error !== undefined && step.state !== 'done' && step.state !== 'skipped') {
    return cutVisibly(errorLine(step.error), REMARK_LENGTH);
  }
  const parts = [
    ...(step.rejectedRows ? [`${count(step.rejectedRows, 'row')} rejected`] : []),
    ...(step.quarantinedFiles ? [`${count(step.quarantinedFiles, 'file')} into quarantine`] : []),
    ...(step.tries > 1 ? [`try ${step.tries}`] : []),
    ...(step.note === undefined ? [] : [step.note]),
  ];
  return parts.join('; ');
}

/** Each parked step with its error and commands. The Temporal CLI's are long: where several wait, they are given for the first. */
function answers(parked: readonly ParkedText[]): string[] {
  const [first, ...others] = parked;
  if (first === undefined) return [];
  const forms = others.length === 0 ? (['starshift', 'temporal'] as const) : (['starshift'] as const);
  const sections = parked.flatMap((text) => [
    `### ${STATE_ICONS.parked} ${text.heading}`,
    inlineText(text.failure),
    ...(text.error === '' ? [] : [codeBlock(text.error)]),
    codeBlock(commandLines(text.answers, ...forms).join('\n'), 'sh'),
  ]);
  if (others.length === 0) return sections;
  const shared = commandLines(first.answers, 'temporal').join('\n');
  return [...sections, `The same with the Temporal CLI, here for ${first.step}:`, codeBlock(shared, 'sh')];
}

/** The errors of failed steps that the outcome does not tell. */
function failed(steps: readonly StepProgress[], outcome: string): string[] {
  return steps.flatMap(({ id, state, error }) =>
    state !== 'failed' || error === undefined || outcome.includes(error.message)
      ? []
      : [`### ${STATE_ICONS.failed} ${id} failed`, codeBlock(error.message)],
  );
}
