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

/** Sets the faults of a redshift-local that was started with --faults. */
export class FaultSwitch {
  constructor(private readonly controlUrl: string) {}

  async setRules(rules: readonly FaultRule[]): Promise<void> {
    await this.#send('PUT', '/faults', rules);
  }

  /** How many statements the rules have struck so far. */
  async fired(): Promise<number> {
    const rules = (await (await this.#send('GET', '/faults')).json()) as readonly { readonly fired: number }[];
    return rules.reduce((sum, { fired }) => sum + fired, 0);
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
    await this.#send('DELETE', '/faults');
    await this.setQuota(cluster, null);
    await this.setExpired(false);
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const content = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.controlUrl}${path}`, { method, ...content });
    if (response.ok) return response;
    throw new Error(`${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  }
}
