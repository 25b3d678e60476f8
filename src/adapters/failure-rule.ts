import type { FailureKind } from '../domain/failure.js';

/** What every rule says that sorts the errors of another system; the rules of each system add what they match. */
export interface FailureRule {
  /** Name of the class, as documentation and tests call it; once a table. */
  readonly name: string;
  /** The failure's type, and with it the policy: see domain/failure.ts. */
  readonly kind: FailureKind;
  /** What to do next: one or two sentences. */
  readonly advice: string;
  /** The other system's words as a person meets them. The rule matches its own example, and no rule before it does. */
  readonly example: string;
}
