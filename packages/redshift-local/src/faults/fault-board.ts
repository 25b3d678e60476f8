import type { FaultRule } from './fault-rule.js';

/** A rule with how often it met a statement and struck. */
export type CountedRule = FaultRule & { readonly matched: number; readonly fired: number };

/** What a session says of the statements that it is about to run. */
export interface FaultSubject {
  readonly texts: readonly string[];
  /** The session's query group. */
  readonly label: string;
}

interface LiveRule {
  readonly rule: FaultRule;
  readonly match: RegExp;
  readonly label: RegExp | undefined;
  matched: number;
  fired: number;
}

/** The faults that are set, in memory: a restart begins without any. Shared by all endpoints of a process. */
export class FaultBoard {
  #rules: LiveRule[] = [];
  readonly #quotas = new Map<string, number>();
  /** AWS calls and the temporary credentials of roles and logins have expired. */
  credentialsExpired = false;

  /** Replaces all rules and their counters. */
  setRules(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({
      rule,
      match: new RegExp(rule.match, 'i'),
      label: rule.label === undefined ? undefined : new RegExp(rule.label, 'i'),
      matched: 0,
      fired: 0,
    }));
  }

  get rules(): CountedRule[] {
    return this.#rules.map(({ rule, matched, fired }) => ({ ...rule, matched, fired }));
  }

  /** Whether there is anything that a statement of the cluster could meet. */
  isArmed(cluster: string): boolean {
    return this.#rules.length > 0 || this.#quotas.has(cluster);
  }

  /** The rule that strikes these statements: the first one that matches and is due. The ones behind it do not count them. */
  strike({ texts, label }: FaultSubject): FaultRule | undefined {
    for (const live of this.#rules) {
      const { rule } = live;
      if (live.label !== undefined && !live.label.test(label)) continue;
      if (!texts.some((text) => live.match.test(text))) continue;
      live.matched++;
      if (live.matched <= rule.skip || live.fired >= rule.times) continue;
      live.fired++;
      return rule;
    }
    return undefined;
  }

  /** Bytes that a cluster's databases may take; null for no limit. */
  setQuota(cluster: string, bytes: number | null): void {
    if (bytes === null) this.#quotas.delete(cluster);
    else this.#quotas.set(cluster, bytes);
  }

  quotaOf(cluster: string): number | undefined {
    return this.#quotas.get(cluster);
  }

  get quotas(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#quotas);
  }
}
