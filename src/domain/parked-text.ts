import { answersTo, type RunAddress } from './answers.js';
import { utcText } from './duration.js';
import type { RunProgress, StepAnswer, StepProgress } from './progress.js';

/** What a person must know of a parked step, in the words that stand in the Web UI, in terminals and in notifications alike. */
export interface ParkedText {
  readonly step: string;
  /** `staging_events waits for an answer until 2026-11-24 14:22:08 UTC`. */
  readonly heading: string;
  /** `CopyRejectedRows at 2026-11-21 14:22:08 UTC`. */
  readonly failure: string;
  /** Perhaps several lines. */
  readonly error: string;
  readonly answers: readonly StepAnswer[];
}

export function parkedSteps({ steps }: Pick<RunProgress, 'steps'>): readonly StepProgress[] {
  return steps.filter(({ state }) => state === 'parked');
}

/** Every parked step of a run, in the order of its steps. */
export function describeParkedSteps(progress: RunProgress, run: RunAddress): readonly ParkedText[] {
  return parkedSteps(progress).map((step) => ({
    step: step.id,
    heading: `${step.id} waits for an answer${step.decideBy === undefined ? '' : ` until ${utcText(step.decideBy)}`}`,
    failure: step.error === undefined ? 'no error is known' : `${step.error.type} at ${utcText(step.error.at)}`,
    error: step.error?.message ?? '',
    answers: answersTo(step, run),
  }));
}

/** Commands with a comment line each, for a shell; of the two forms of each those that are asked for. */
export function commandLines(
  answers: readonly StepAnswer[],
  ...forms: readonly ('starshift' | 'temporal')[]
): string[] {
  return answers.flatMap((answer, index) => [
    `# ${index === 0 ? '' : 'or '}${answer.does}`,
    ...forms.map((form) => answer[form]),
  ]);
}
