import { FAILURES } from '../domain/failure.js';
import type { StepError, StepKind } from '../domain/progress.js';

type Knowledge = 'unknown' | 'accepted' | 'refused';

/** Steps that do not log in to the warehouse. */
const WITHOUT_LOGIN: ReadonlySet<StepKind> = new Set(['provision', 'teardown']);

interface GuardedStep {
  readonly id: string;
  readonly kind: StepKind;
}

/**
 * Keeps the steps of a run from trying a wrong password one after the other: a few refused logins lock the user out. After a refused
 * login no other step begins until a person has answered; then one tries alone, and the others follow when it was let in. Checks, which
 * begin by the dozen and are short, wait for the first one from the start.
 */
export class LoginGuard {
  #knowledge: Knowledge = 'unknown';
  /** The step whose login the others wait for. */
  #probe: string | undefined;
  /** Steps that were refused and have no answer yet. */
  readonly #unanswered = new Set<string>();

  admits({ kind }: GuardedStep): boolean {
    if (WITHOUT_LOGIN.has(kind) || this.#knowledge === 'accepted') return true;
    if (this.#unanswered.size > 0) return false;
    return this.#probe === undefined || !this.#goesAlone(kind);
  }

  begin({ id, kind }: GuardedStep): void {
    if (!WITHOUT_LOGIN.has(kind) && this.#goesAlone(kind)) this.#probe = id;
  }

  /** The try of a step has ended, with an error or well. */
  end({ id, kind }: GuardedStep, error: StepError | undefined): void {
    const probed = this.#probe === id;
    if (probed) this.#probe = undefined;
    if (error?.type === FAILURES.authentication.type) {
      this.#knowledge = 'refused';
      this.#unanswered.add(id);
    } else if (probed || (this.#knowledge === 'unknown' && error === undefined && !WITHOUT_LOGIN.has(kind))) {
      this.#knowledge = 'accepted';
    }
  }

  /** A person has answered the parked step. */
  answered(id: string): void {
    this.#unanswered.delete(id);
  }

  #goesAlone(kind: StepKind): boolean {
    return this.#knowledge === 'refused' || (this.#knowledge === 'unknown' && kind === 'check');
  }
}
