import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../src/config.js';
import { FaultBench } from './fault-bench.js';
import type { FaultClass } from './fault-class.js';
import type { FaultOutcome } from './run-fault.js';
import type { Sample } from './samples.js';
import type { ScenarioKind } from './scenario.js';
import { type Seed, seedOfRun } from './seeds.js';
import { runUntilStruck } from './until-struck.js';

/** Which runs, and how. */
export interface MatrixOptions {
  readonly classes: readonly FaultClass[];
  /** Of each class. */
  readonly runs: number;
  readonly seed: Seed;
  /** Stacks side by side. */
  readonly jobs: number;
  readonly kinds: readonly ScenarioKind[];
  readonly samples: readonly Sample[];
  readonly folder: string;
  readonly base: Environment;
  readonly sources: boolean;
  readonly say: (text: string) => void;
  /** Called for every run as it ends, those that their fault did not strike included. */
  readonly onOutcome: (outcome: FaultOutcome) => void;
}

interface PlannedRun {
  readonly faultClass: FaultClass;
  readonly seed: Seed;
}

/**
 * Disturbs so many runs of each class, on as many stacks side by side as there are jobs. A run that its fault did not strike counts as
 * not run: another seed takes its place.
 * @returns every run, the misses too
 */
export async function runMatrix(options: MatrixOptions): Promise<readonly FaultOutcome[]> {
  const { classes, runs, seed, jobs } = options;
  const planned = Array.from({ length: runs }, (_, index) =>
    classes.map((faultClass) => ({ faultClass, seed: seedOfRun(seed, index) })),
  ).flat();
  const queue = planned.values();
  const outcomes: FaultOutcome[] = [];
  const lanes = Array.from({ length: Math.min(jobs, planned.length) }, (_, job) => new Lane(options, job + 1));
  try {
    await Promise.all(
      lanes.map(async (lane) => {
        for (const run of queue) outcomes.push(...(await lane.untilStruck(run)));
        await lane.discard();
      }),
    );
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()));
  }
  return outcomes;
}

/** One stack and the runs on it. */
class Lane {
  #bench: FaultBench | undefined;
  #starts = 0;

  constructor(
    private readonly options: MatrixOptions,
    private readonly job: number,
  ) {}

  async untilStruck(planned: PlannedRun): Promise<readonly FaultOutcome[]> {
    const { samples, kinds, folder, onOutcome } = this.options;
    try {
      const run = { ...planned, samples, kinds, keepIn: join(folder, 'violations'), onOutcome };
      const outcomes = await runUntilStruck(() => this.#started(), run);
      // What a run left on a stack must not be taken for the next one's doing.
      if (outcomes.at(-1)?.findings.length !== 0) await this.discard();
      return outcomes;
    } catch (error) {
      const { faultClass, seed } = planned;
      const logs = this.#bench?.servers.logsFolder;
      await this.stop().catch(() => undefined);
      throw new Error(`The run of ${faultClass.name} that began with seed ${seed} broke the harness; logs: ${logs}`, {
        cause: error,
      });
    }
  }

  /** Stops the stack and leaves its state and logs. */
  async stop(): Promise<void> {
    const bench = this.#bench;
    this.#bench = undefined;
    await bench?.stop();
  }

  /** Stops the stack and removes its state: what is worth keeping of it was copied. */
  async discard(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #folder(): string {
    return join(this.options.folder, `stack-${this.job}-${this.#starts}`);
  }

  async #started(): Promise<FaultBench> {
    this.#bench ??= await this.#start();
    return this.#bench;
  }

  async #start(): Promise<FaultBench> {
    this.#starts += 1;
    const { base, sources, say } = this.options;
    return FaultBench.start({ folder: this.#folder, base, sources, say: (text) => say(`stack ${this.job}: ${text}`) });
  }
}
