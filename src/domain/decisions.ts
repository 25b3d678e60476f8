/** A person's answers to a parked step, as the JSON argument of the updates. */

export interface RetryStep {
  readonly step: string;
  /** COPY steps only: rows that may be rejected, 0 to 100000. */
  readonly maxErrors?: number;
  /** COPY steps only: S3 keys or `s3://` URLs to leave out. */
  readonly exclude?: readonly string[];
}

export interface SkipStep {
  readonly step: string;
}

export interface Abort {
  readonly reason?: string;
}
