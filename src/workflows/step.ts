import type { StepKind } from '../domain/progress.js';

/** What a person changed with `retryStep`; empty on the first try. */
export interface StepTry {
  readonly maxErrors?: number | undefined;
  readonly exclude: readonly string[];
  /** Error of the try after which a file was left out, by the file as the person wrote it. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly reload: readonly string[];
  /** Says more precisely what the step does, once it knows. */
  readonly retitle: (title: string) => void;
  /** Says what the step is waiting for, while it runs. */
  readonly remark: (note: string) => void;
  /** Waits for something that is no failure; `skipStep` ends the wait, and with it the step. */
  readonly unlessSkipped: (wait: () => Promise<void>) => Promise<void>;
}

/** What a finished step reports into the step table. */
export interface StepFacts {
  readonly rows?: number | undefined;
  readonly files?: number | undefined;
  readonly sizeBytes?: number | undefined;
  readonly rejectedRows?: number | undefined;
  readonly updatedRows?: number | undefined;
  readonly deletedRows?: number | undefined;
  readonly quarantinedFiles?: number | undefined;
  readonly note?: string | undefined;
}

/** One line of the step table and the work behind it. */
export interface Step {
  readonly id: string;
  readonly kind: StepKind;
  readonly title: string;
  /** Ids of steps that must be done first; when one of them is skipped, this one is too. */
  readonly needs: readonly string[];
  /** Files that the first try loads anew; a retry may name others. */
  readonly reload?: readonly string[];
  /** Runs the step's activities; called again for each `retryStep`. */
  readonly work: (attempt: StepTry) => Promise<StepFacts>;
}
