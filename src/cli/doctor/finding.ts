/** What the doctor found about one thing. */
export interface Finding {
  readonly group: 'installed' | 'settings' | 'reachable';
  readonly name: string;
  /** broken: something required does not work; warning: it will bite later, or costs time; skipped: could not be looked at. */
  readonly status: 'ok' | 'warning' | 'broken' | 'skipped';
  readonly detail: string;
  /** How to mend it; absent when there is nothing to mend. */
  readonly fix?: string;
}

/** Makes findings of one group. */
export function findings(group: Finding['group']) {
  return {
    ok: (name: string, detail: string): Finding => ({ group, name, status: 'ok', detail }),
    skipped: (name: string, detail: string): Finding => ({ group, name, status: 'skipped', detail }),
    warning: (name: string, detail: string, fix: string): Finding => ({ group, name, status: 'warning', detail, fix }),
    broken: (name: string, detail: string, fix: string): Finding => ({ group, name, status: 'broken', detail, fix }),
  };
}

/** The first line of an error's message: enough for a table. */
export function firstLine(error: unknown): string {
  const message =
    error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code || error.name : String(error);
  return message.split('\n')[0] ?? '';
}
