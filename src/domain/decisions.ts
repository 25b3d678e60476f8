import { z } from 'zod';

/** A person's answers to a parked step, as the JSON argument of the updates. */

const step = z.string().min(1, 'names the parked step, for example {"step": "staging_events"}');

export const retryStepDecision = z.strictObject({
  step,
  /** COPY steps only: rows that may be rejected, 0 to 100000. Given, it replaces what an earlier retry asked for; absent keeps that. */
  maxErrors: z
    .int('must be a whole number from 0 to 100000')
    .min(0, 'must be a whole number from 0 to 100000')
    .max(100_000, 'must be a whole number from 0 to 100000')
    .optional(),
  /**
   * COPY steps only: S3 keys or `s3://` URLs to leave out. Given, it replaces the list of an earlier retry, `[]` by nothing; absent keeps
   * that, unless its files were not found.
   */
  exclude: z.array(z.string().min(1, 'must be an S3 key or URL')).optional(),
  /** Incremental COPY steps only: S3 keys or `s3://` URLs of changed files whose rows are to be replaced. Kept and replaced like `exclude`. */
  reload: z.array(z.string().min(1, 'must be an S3 key or URL')).optional(),
});

export const skipStepDecision = z.strictObject({ step });

export const abortDecision = z.strictObject({ reason: z.string().min(1).max(1000).optional() });

export type RetryStep = z.output<typeof retryStepDecision>;
export type SkipStep = z.output<typeof skipStepDecision>;
export type Abort = z.output<typeof abortDecision>;
