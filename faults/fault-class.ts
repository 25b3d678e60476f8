import type { Random } from '../src/sample/random.js';
import type { FaultBench } from './fault-bench.js';
import type { Scenario } from './scenario.js';
import type { WarehouseShape } from './warehouse-shape.js';

/** A way in which things break. */
export interface FaultClass {
  readonly name: string;
  /** Draws all that is left to chance. Pure: the same random numbers give the same fault. */
  plan(draw: FaultDraw): PlannedFault;
}

export interface FaultDraw {
  readonly random: Random;
  readonly scenario: Scenario;
  readonly shape: WarehouseShape;
}

/** One fault, drawn. */
export interface PlannedFault {
  /** One line: what is done, when, how often. */
  readonly what: string;
  /** Whether parking is a right answer to it; a fault that passes by itself must be outlived. */
  readonly mayPark: boolean;
  /** Sets it up before the run starts. */
  arm(place: FaultPlace): Promise<ArmedFault>;
}

/** The run that is to be disturbed. */
export interface FaultPlace {
  readonly bench: FaultBench;
  readonly workflowId: string;
  /** Root of the run's source in the bucket, with a slash at its end. */
  readonly prefix: string;
  /** Whether the run has not ended yet. */
  isOpen(): boolean;
}

/** What is known of the run when it has ended. */
export interface Evidence {
  /** Messages of failed attempts and of parked steps. */
  readonly failures: readonly string[];
}

/** A fault that is set up. */
export interface ArmedFault {
  /** Removes the cause, as a person does before answering a parked step. */
  heal(): Promise<void>;
  /** The run has ended: waits for what is still going on, and puts everything back. */
  settle(): Promise<void>;
  /** Whether it struck; asked after settle. */
  struck(evidence: Evidence): boolean;
}
