import type { StepError, StepProgress, StepState } from '../domain/progress.js';
import type { Step, StepFacts } from './step.js';

const SETTLED: ReadonlySet<StepState> = new Set(['done', 'skipped', 'failed', 'cancelled']);

/** The steps of a run and how far each is. Every change is announced, so that whoever watches sees it at once. */
export class StepTable {
  readonly #steps = new Map<string, StepProgress>();

  constructor(private readonly changed: () => void) {}

  /** Adds steps as waiting, in the order in which people read them. */
  declare(steps: readonly Step[]): void {
    for (const { id, kind, title, needs } of steps) {
      if (this.#steps.has(id)) throw new Error(`Step ${id} is declared twice`);
      this.#steps.set(id, { id, kind, title, needs, state: 'waiting', tries: 0 });
    }
    this.changed();
  }

  all(): readonly StepProgress[] {
    return [...this.#steps.values()];
  }

  find(id: string): StepProgress | undefined {
    return this.#steps.get(id);
  }

  idsIn(state: StepState): readonly string[] {
    return this.all()
      .filter((step) => step.state === state)
      .map((step) => step.id);
  }

  start(id: string, beginning: Pick<StepProgress, 'resetTo' | 'asked'> = {}): void {
    const { error: _, finishedAt: __, durationMs: ___, note: ____, asked: _____, ...step } = this.#get(id);
    this.#set({ ...step, ...beginning, state: 'running', tries: step.tries + 1, startedAt: now() });
  }

  /** A parked step that is to run again, once a lane is free. */
  requeue(id: string): void {
    this.#set({ ...this.#get(id), state: 'waiting' });
  }

  retitle(id: string, title: string): void {
    this.#set({ ...this.#get(id), title });
  }

  remark(id: string, note: string): void {
    this.#set({ ...this.#get(id), note });
  }

  finish(id: string, facts: StepFacts): void {
    const reported = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    const { note: _, ...step } = this.#settle(id);
    this.#set({ ...step, ...reported, state: 'done' });
  }

  /** `decideBy`: until when a parked step waits, ISO 8601. */
  fail(
    id: string,
    outcome: { readonly state: 'parked' | 'failed'; readonly error: StepError; readonly decideBy?: string },
  ): void {
    this.#set({ ...this.#settle(id), ...outcome });
  }

  /** Marks a step and, at once, whatever waits for it, directly or not: nobody shall wait for what will not come. */
  skip(id: string, note: string): void {
    this.#steps.set(id, withoutDeadline({ ...this.#get(id), state: 'skipped', note }));
    const left = new Set([id]);
    for (const step of this.all()) {
      const need = step.needs.find((needed) => left.has(needed));
      if (need === undefined || step.state !== 'waiting') continue;
      left.add(step.id);
      const why = need === id ? 'which a person skipped' : `which is left out with ${id}`;
      this.#steps.set(step.id, { ...step, state: 'skipped', note: `needs ${need}, ${why}` });
    }
    this.changed();
  }

  cancel(id: string): void {
    this.#set({ ...this.#settle(id), state: 'cancelled' });
  }

  /** At the end of a run that did not complete: a parked step has failed, what waits or runs is cancelled. */
  closeAll(): void {
    for (const step of this.all()) {
      if (SETTLED.has(step.state)) continue;
      this.#steps.set(step.id, withoutDeadline({ ...step, state: step.state === 'parked' ? 'failed' : 'cancelled' }));
    }
    this.changed();
  }

  #settle(id: string): StepProgress {
    const step = this.#get(id);
    if (step.startedAt === undefined) return step;
    return { ...step, finishedAt: now(), durationMs: Date.now() - Date.parse(step.startedAt) };
  }

  #get(id: string): StepProgress {
    const step = this.#steps.get(id);
    if (step === undefined) throw new Error(`Step ${id} was never declared`);
    return step;
  }

  #set(step: StepProgress): void {
    this.#steps.set(step.id, step.state === 'parked' ? step : withoutDeadline(step));
    this.changed();
  }
}

function withoutDeadline({ decideBy: _, ...step }: StepProgress): StepProgress {
  return step;
}

/** Workflow time: the time of the workflow task, the same in a replay. */
function now(): string {
  return new Date().toISOString();
}
