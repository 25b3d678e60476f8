import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import { isSkippable, takesFileWishes } from '../domain/answers.js';
import {
  abortDecision,
  type RetryStep,
  retryStepDecision,
  type SkipStep,
  skipStepDecision,
} from '../domain/decisions.js';
import { durationMs } from '../domain/duration.js';
import { FAILURES } from '../domain/failure.js';
import { parseInput } from '../domain/input.js';
import { ABORT_UPDATE, RETRY_STEP_UPDATE, SKIP_STEP_UPDATE } from '../domain/names.js';
import type { StepProgress } from '../domain/progress.js';
import { terminalFailure } from './failure-text.js';

/** What a parked step was told. */
export type Answer =
  | { readonly kind: 'retry'; readonly decision: RetryStep }
  | { readonly kind: 'skip' }
  | { readonly kind: 'expired' };

export interface ParkingOptions {
  /** How long a parked step waits, for example `72 hours`. */
  readonly decisionTimeout: string;
  /** Whether the run stages by what has changed: only then `reload` means something. */
  readonly isIncremental: boolean;
  readonly find: (step: string) => StepProgress | undefined;
  /** Ends the run; false when it is ending already. */
  readonly abort: (reason: string | undefined) => boolean;
}

interface Seat {
  answer?: Answer;
}

/** One step's wait for an answer. */
export interface Wait {
  readonly step: string;
  /** Called once while there is still time to answer; absent: nobody wants to know. */
  readonly onLastCall?: () => void;
}

/** How long before the end the last call comes: a quarter of the time, and not more than this. */
const LAST_CALL_MS = 12 * 3_600_000;

/** Where failed steps wait for a person. It owns the updates retryStep, skipStep and abort, and rejects those that answer nothing. */
export class Parking {
  readonly #seats = new Map<string, Seat>();
  /** Of steps that wait for something else than an answer, but may be skipped. */
  readonly #offers = new Map<string, Seat>();

  constructor(private readonly options: ParkingOptions) {}

  /** Accepts updates from now on. Each returns a sentence that says what happens next. */
  open(): void {
    setHandler(defineUpdate<string, [unknown]>(RETRY_STEP_UPDATE), (value) => this.#retry(value), {
      validator: (value) => void this.#checkRetry(value),
      description:
        'Run a parked step again: {"step": "...", "maxErrors"?: 10, "exclude"?: ["s3://..."], "reload"?: ["s3://..."]}. What is given replaces what an earlier retry asked for ("exclude": [] leaves nothing out any more), what is absent stays; an exclude whose files were not found is forgotten.',
    });
    setHandler(defineUpdate<string, [unknown]>(SKIP_STEP_UPDATE), (value) => this.#skip(value), {
      validator: (value) => void this.#checkSkip(value),
      description: 'Go on without a parked step and what needs it, or accept a failed check: {"step": "..."}',
    });
    setHandler(defineUpdate<string, [unknown]>(ABORT_UPDATE), (value) => this.#abort(value), {
      validator: (value) => void parseDecision(abortDecision, value),
      description: 'End the run: {"reason"?: "..."}',
    });
  }

  /** Until when a step waits that parks now: each parking has the whole time, however often the step has waited before. */
  decideBy(): string {
    return new Date(Date.now() + durationMs(this.options.decisionTimeout)).toISOString();
  }

  /** Waits for the answer to one failed step; throws CancelledFailure when the run ends meanwhile. */
  async decide({ step, onLastCall }: Wait): Promise<Answer> {
    const seat: Seat = {};
    this.#seats.set(step, seat);
    const answered = () => seat.answer !== undefined;
    const summary = `${step} waits for retryStep, skipStep or abort`;
    const totalMs = durationMs(this.options.decisionTimeout);
    try {
      if (onLastCall === undefined) {
        await condition(answered, totalMs, { summary });
      } else {
        const lastMs = Math.min(Math.round(totalMs / 4), LAST_CALL_MS);
        if (!(await condition(answered, totalMs - lastMs, { summary }))) {
          onLastCall();
          await condition(answered, lastMs, { summary: `${summary}: last call` });
        }
      }
      return seat.answer ?? { kind: 'expired' };
    } finally {
      this.#seats.delete(step);
    }
  }

  /** Lets `skipStep` end the wait of a step that has not failed. */
  offerSkip(step: string): { readonly isTaken: () => boolean; withdraw(): void } {
    const seat: Seat = {};
    this.#offers.set(step, seat);
    return { isTaken: () => seat.answer !== undefined, withdraw: () => void this.#offers.delete(step) };
  }

  #retry(value: unknown): string {
    const { decision, seat } = this.#checkRetry(value);
    seat.answer = { kind: 'retry', decision };
    return `${decision.step} runs again.`;
  }

  #checkRetry(value: unknown): { readonly decision: RetryStep; readonly seat: Seat } {
    const decision = parseDecision(retryStepDecision, value);
    const { progress, seat } = this.#findSeat(decision.step);
    const { maxErrors, exclude, reload } = decision;
    if (!takesFileWishes(progress) && [maxErrors, exclude, reload].some((wish) => wish !== undefined)) {
      throw rejected(
        `${decision.step} is not a COPY: maxErrors, exclude and reload mean nothing to it. Retry it without them.`,
      );
    }
    if (reload !== undefined && !this.options.isIncremental) {
      throw rejected(`This run loads every file anew: reload means nothing to ${decision.step}. Retry it without.`);
    }
    return { decision, seat };
  }

  #skip(value: unknown): string {
    const { decision, seat } = this.#checkSkip(value);
    seat.answer = { kind: 'skip' };
    return `${decision.step} is skipped.`;
  }

  #checkSkip(value: unknown): { readonly decision: SkipStep; readonly seat: Seat } {
    const decision = parseDecision(skipStepDecision, value);
    const { progress, seat } = this.#findSeat(decision.step, this.#offers.get(decision.step));
    if (!isSkippable(progress)) {
      throw rejected(
        `${decision.step} cannot be skipped: without it there is no warehouse. Retry it, or abort the run.`,
      );
    }
    return { decision, seat };
  }

  #abort(value: unknown): string {
    const { reason } = parseDecision(abortDecision, value);
    if (!this.options.abort(reason)) throw rejected('The run is ending already.');
    return 'The run ends.';
  }

  #findSeat(step: string, offer?: Seat): { readonly progress: StepProgress; readonly seat: Seat } {
    const progress = this.options.find(step);
    if (progress === undefined) throw rejected(`There is no step "${step}". ${this.#parkedSteps()}`);
    const seat = this.#seats.get(step) ?? offer;
    if (seat === undefined) throw rejected(`${step} is ${progress.state}, not parked. ${this.#parkedSteps()}`);
    if (seat.answer !== undefined) throw rejected(`${step} was answered already. ${this.#parkedSteps()}`);
    return { progress, seat };
  }

  #parkedSteps(): string {
    const parked = [...this.#seats].filter(([, seat]) => seat.answer === undefined).map(([step]) => step);
    return parked.length === 0 ? 'No step is parked.' : `Parked: ${parked.join(', ')}.`;
  }
}

function parseDecision<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = parseInput(schema, value);
  if ('errors' in parsed) throw rejected(parsed.errors.join('\n'));
  return parsed.input;
}

function rejected(message: string): Error {
  return terminalFailure(FAILURES.invalidDecision.type, message);
}
