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
  /** One paragraph under the table: what happens next, or why the run ended. */
  readonly outcome?: string | undefined;
}

/** The step table of a run in Markdown, with each parked step's error and the commands that answer it. */
export function renderProgressTable({ progress, namespace, outcome }: ProgressTableOptions): string {
  const parked = progress.steps.filter((step) => step.state === 'parked');
  return [
    headline(progress),
    table(progress.steps),
    ...parked.map((step) => answers({ step, workflowId: progress.workflowId, namespace })),
    ...(outcome === undefined ? [] : [outcome]),
  ].join('\n\n');
}

function headline(progress: RunProgress): string {
  const design = progress.design === undefined ? '' : ` (design ${progress.design})`;
  const warehouse = progress.warehouse === '' ? '' : ` of ${progress.warehouse}${design}`;
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
  readonly step: StepProgress;
  readonly workflowId: string;
  readonly namespace: string;
}

function answers({ step, workflowId, namespace }: AnswersOptions): string {
  const copies = step.kind === 'stage';
  const update = (name: string, argument: object) =>
    `temporal workflow update execute${namespace === 'default' ? '' : ` --namespace ${quote(namespace)}`} --workflow-id ${quote(workflowId)} --name ${name} --input ${quote(JSON.stringify(argument))}`;
  return [
    `### ${STATE_ICONS.parked} ${step.id} waits for an answer`,
    ...(step.error === undefined ? [] : [`**${step.error.type}** at ${step.error.at}`, fence(step.error.message)]),
    fence(
      [
        '# mend the cause, then run the step again',
        `npx starshift retry ${quote(workflowId)} ${quote(step.id)}`,
        update(RETRY_STEP_UPDATE, { step: step.id }),
        ...(copies
          ? [
              '# or accept up to 10 rejected rows, or leave a file out',
              update(RETRY_STEP_UPDATE, { step: step.id, maxErrors: 10 }),
              update(RETRY_STEP_UPDATE, { step: step.id, exclude: ['path/of/the-file.json'] }),
            ]
          : []),
        ...skipAnswer({ step, workflowId, update }),
        '# or end the run',
        `npx starshift abort ${quote(workflowId)}`,
        update(ABORT_UPDATE, { reason: '...' }),
      ].join('\n'),
      'sh',
    ),
  ].join('\n\n');
}

interface SkipAnswerOptions {
  readonly step: StepProgress;
  readonly workflowId: string;
  readonly update: (name: string, argument: object) => string;
}

function skipAnswer({ step, workflowId, update }: SkipAnswerOptions): string[] {
  if (step.kind === 'provision') return [];
  return [
    step.kind === 'check' ? '# or accept what the check found' : '# or go on without it and without what needs it',
    `npx starshift skip ${quote(workflowId)} ${quote(step.id)}`,
    update(SKIP_STEP_UPDATE, { step: step.id }),
  ];
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
