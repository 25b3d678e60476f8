import type { RunProgress, StepProgress, StepState } from '../domain/progress.js';
import { rowChanges } from '../domain/row-changes.js';
import { count } from '../domain/step-titles.js';
import { formatDuration, formatRows } from './format.js';
import { describeRetry, type StepRetry } from './step-retries.js';
import type { Terminal } from './terminal.js';

type Paint = Terminal['colors'];

const SYMBOLS: Record<StepState, string> = {
  waiting: '○',
  running: '●',
  parked: '‼',
  done: '✔',
  skipped: '↷',
  failed: '✘',
  cancelled: '✘',
};

/** Width of the columns after the title: `  1,000,000 rows  3 min 05 s`. */
const FACTS_WIDTH = 30;

/** What a step has to show for itself: rows, time, and what went wrong. */
export interface StepLine {
  readonly state: StepState;
  readonly title: string;
  readonly rows: string;
  /** `+100 ~20 -0` of an incremental load. */
  readonly changes: string;
  readonly time: string;
}

/** The view of one step at `now` (milliseconds since the epoch), which a running step's time is counted to. */
export function stepLine(step: StepProgress, now: number): StepLine {
  const took = step.durationMs ?? (step.state === 'running' ? elapsedMs(step, now) : undefined);
  const rejected = step.rejectedRows ? ` (${formatRows(step.rejectedRows)} rejected)` : '';
  const quarantined = step.quarantinedFiles ? ` (${count(step.quarantinedFiles, 'file')} into quarantine)` : '';
  const again = step.tries > 1 ? ` (try ${step.tries})` : '';
  const note = step.note === undefined || !tellsNote(step) ? '' : `: ${step.note}`;
  return {
    state: step.state,
    title: `${step.title}${again}${rejected}${quarantined}${note}`,
    rows: step.rows === undefined ? '' : formatRows(step.rows),
    changes: rowChanges(step) ?? '',
    time: took === undefined ? '' : formatDuration(took),
  };
}

/** Of what went well, the notes that explain its numbers: files that were known already, whom the run waited for. */
function tellsNote({ state, kind }: StepProgress): boolean {
  return state !== 'done' || kind === 'stage' || kind === 'claim';
}

/** Every step as a line of at most `columns` characters, below it what is being tried again; checks share one line when there are more steps than `rows`. */
export function drawSteps(request: {
  readonly progress: RunProgress;
  readonly retries?: readonly StepRetry[];
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly colors: Paint;
}): string {
  const { progress, retries = [], now, columns, rows, colors } = request;
  const steps = progress.steps.length + retries.length < rows ? progress.steps : foldChecks(progress.steps);
  const titleWidth = Math.max(20, columns - FACTS_WIDTH - 4);
  const retryLine = (retry: StepRetry) => colors.yellow(cut(`    ${describeRetry(retry, now)}`, columns));
  const lines = steps.flatMap((step) => {
    const line = stepLine(step, now);
    const title = cut(`${line.title}${line.changes === '' ? '' : ` (${line.changes})`}`, titleWidth).padEnd(titleWidth);
    const own = `${SYMBOLS[line.state]} ${title} ${line.rows.padStart(16)} ${line.time.padStart(12)}`;
    return [paint(colors, line.state)(own), ...retries.filter((retry) => retry.step === step.id).map(retryLine)];
  });
  const shown = new Set(steps.map(({ id }) => id));
  const others = retries.filter(({ step }) => step === undefined || !shown.has(step));
  return [...lines, ...others.map(retryLine)].join('\n');
}

/** One step as a line for a log: state first, nothing cut, no colours. */
export function plainStep(step: StepProgress, now: number): string {
  const line = stepLine(step, now);
  const rows = line.changes === '' ? line.rows : `${line.rows} (${line.changes})`;
  const facts = [rows, line.time].filter((text) => text !== '').join(', ');
  return `${line.state.padEnd(9)} ${line.title}${facts === '' ? '' : `  ${facts}`}`;
}

/** Keeps what needs eyes (running, parked, failed checks) and sums up the others in one line. */
function foldChecks(steps: readonly StepProgress[]): readonly StepProgress[] {
  const quiet = (step: StepProgress) => step.kind === 'check' && (step.state === 'waiting' || step.state === 'done');
  const folded = steps.filter(quiet);
  if (folded.length < 2) return steps;
  const done = folded.filter((step) => step.state === 'done').length;
  const first = steps.findIndex(quiet);
  const kept = steps.filter((step) => !quiet(step));
  const summary: StepProgress = {
    id: 'checks',
    kind: 'check',
    title: `${done} of ${folded.length} checks passed`,
    state: done === folded.length ? 'done' : done === 0 ? 'waiting' : 'running',
    needs: [],
    tries: 1,
  };
  return [...kept.slice(0, first), summary, ...kept.slice(first)];
}

function elapsedMs(step: StepProgress, now: number): number | undefined {
  return step.startedAt === undefined ? undefined : Math.max(0, now - Date.parse(step.startedAt));
}

function paint(colors: Paint, state: StepState): (text: string) => string {
  switch (state) {
    case 'done':
      return colors.green;
    case 'running':
      return colors.cyan;
    case 'parked':
    case 'failed':
    case 'cancelled':
      return colors.red;
    case 'skipped':
      return colors.yellow;
    case 'waiting':
      return colors.dim;
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
