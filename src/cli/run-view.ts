import type { RunProgress, StepProgress } from '../domain/progress.js';
import { describeParked } from './answers.js';
import type { Destination } from './connect.js';
import { drawSteps, plainStep } from './step-lines.js';
import { describeRetry, type StepRetry } from './step-retries.js';
import type { Terminal } from './terminal.js';

/** Lines that the view leaves to the prompt and to what stands above it. */
const RESERVED_ROWS = 4;

/**
 * Shows a run as it goes: re-drawn in place on a terminal, else a line whenever a step's state changes. A parked step's error and
 * the commands that answer it are said once each time it parks.
 */
export class RunView {
  readonly #terminal: Terminal;
  readonly #destination: Pick<Destination, 'config'>;
  readonly #said = new Map<string, string>();
  #latest: RunProgress | undefined;
  #retries: readonly StepRetry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, destination: Pick<Destination, 'config'>) {
    this.#terminal = terminal;
    this.#destination = destination;
  }

  readonly update = (progress: RunProgress, retries: readonly StepRetry[] = []): void => {
    this.#latest = progress;
    this.#retries = retries;
    if (!this.#terminal.isLive) {
      this.#sayChanges(progress.steps);
      this.#sayRetries(progress);
    }
    this.#sayParked(progress);
    this.#draw();
    // Between two looks only the clock of the running steps moves.
    this.#timer ??= this.#terminal.isLive ? setInterval(() => this.#draw(), 100).unref() : undefined;
  };

  /** Leaves the last picture on the terminal. */
  finish(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#terminal.settle();
  }

  #draw(): void {
    const size = this.#terminal.size();
    if (size === undefined || this.#latest === undefined) return;
    this.#terminal.draw(
      drawSteps({
        progress: this.#latest,
        retries: this.#retries,
        now: Date.now(),
        columns: size.columns,
        rows: size.rows - RESERVED_ROWS,
        colors: this.#terminal.colors,
      }),
    );
  }

  #sayChanges(steps: readonly StepProgress[]): void {
    for (const step of steps) {
      // What a running step waits for is news.
      const waits = step.state === 'running' ? (step.note ?? '') : '';
      const stands = `${step.state}/${step.tries}/${waits}`;
      const before = this.#said.get(step.id);
      this.#said.set(step.id, stands);
      if (before !== stands && !isQuiet(step)) this.#terminal.say(plainStep(step, Date.now()));
    }
  }

  /** Once an attempt; the seconds that tick away in between are no news. */
  #sayRetries({ steps }: RunProgress): void {
    for (const retry of this.#retries) {
      const title = steps.find(({ id }) => id === retry.step)?.title ?? 'an activity';
      const key = `retry:${title}`;
      const lock = retry.waitsForLockOf?.map(({ pid }) => pid).join();
      const stands = `${retry.attempt}/${lock === undefined ? retry.failure : `lock ${lock}`}`;
      const what = lock === undefined ? 'retrying ' : 'running  ';
      if (this.#said.get(key) !== stands) this.#terminal.say(`${what} ${title}: ${describeRetry(retry, Date.now())}`);
      this.#said.set(key, stands);
    }
  }

  #sayParked(progress: RunProgress): void {
    for (const step of progress.steps) {
      const key = `parked:${step.id}`;
      const stands = step.state === 'parked' ? String(step.tries) : '';
      if (stands !== '' && this.#said.get(key) !== stands) {
        this.#terminal.say(describeParked({ ...progress, steps: [step] }, this.#destination).join('\n'));
      }
      this.#said.set(key, stands);
    }
  }
}

/** Checks start by the dozen and take milliseconds: only their end is news. */
function isQuiet(step: StepProgress): boolean {
  return step.state === 'waiting' || (step.kind === 'check' && step.state === 'running');
}
