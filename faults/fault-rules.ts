/** What befalls a statement; see packages/redshift-local/README.md. */
export type FaultAction =
  | { readonly action: 'error'; readonly sqlstate: string; readonly message: string; readonly detail?: string }
  | { readonly action: 'dropBefore' | 'dropAfter' }
  | { readonly action: 'dropDuring'; readonly afterMs: number; readonly keepBackend?: boolean }
  | { readonly action: 'delay'; readonly ms: number }
  | { readonly action: 'terminate'; readonly afterMs?: number };

/** Statements of sessions, and what befalls them. */
export type FaultRule = FaultAction & {
  /** Regular expression on the statement. */
  readonly match: string;
  /** Regular expression on the session's query group. */
  readonly label: string;
  /** @default 0 */
  readonly skip?: number;
  /** @default 1 */
  readonly times?: number;
};

/** A rule that is set. */
export interface SetRule {
  /** How many statements it has struck; what is known of it where redshift-local does not answer, or has begun anew. */
  fired(): Promise<number>;
}

/** Sets the faults of a redshift-local that was started with --faults. */
export class FaultSwitch {
  readonly #rules: (FaultRule & { readonly id: string })[] = [];
  readonly #fired = new Map<string, number>();
  #ids = 0;

  constructor(private readonly controlUrl: string) {}

  /** Adds a rule to those that are set; their counters begin anew. */
  async add(rule: FaultRule): Promise<SetRule> {
    this.#ids += 1;
    const id = `rule-${this.#ids}`;
    this.#rules.push({ ...rule, id });
    await this.#send('PUT', '/faults', this.#rules);
    return { fired: () => this.#firedOf(id) };
  }

  /** No statement may take space while the cluster holds more; null takes the limit away. */
  async setQuota(cluster: string, bytes: number | null): Promise<void> {
    await this.#send('PUT', '/faults/quota', { cluster, bytes });
  }

  async setExpired(expired: boolean): Promise<void> {
    await this.#send('PUT', '/faults/credentials', { expired });
  }

  /** Takes every fault away. */
  async clear(cluster: string): Promise<void> {
    this.#rules.length = 0;
    await this.#send('DELETE', '/faults');
    await this.setQuota(cluster, null);
    await this.setExpired(false);
  }

  async #firedOf(id: string): Promise<number> {
    const answer = await this.#send('GET', '/faults').catch(() => undefined);
    const rules = ((await answer?.json()) ?? []) as readonly { readonly id: string; readonly fired: number }[];
    for (const { id: of, fired } of rules) this.#fired.set(of, Math.max(this.#fired.get(of) ?? 0, fired));
    return this.#fired.get(id) ?? 0;
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.controlUrl}${path}`, { method, ...content });
    if (response.ok) return response;
    throw new Error(`${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  }
}
