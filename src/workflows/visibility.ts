import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { patched, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, SEARCH_ATTRIBUTES_PATCH } from '../domain/names.js';
import type { RunProgress } from '../domain/progress.js';
import { renderProgressTable } from '../domain/progress-table.js';

const KEYS = {
  warehouse: defineSearchAttributeKey(SEARCH_ATTRIBUTES.warehouse, 'KEYWORD'),
  cluster: defineSearchAttributeKey(SEARCH_ATTRIBUTES.cluster, 'KEYWORD'),
  status: defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, 'KEYWORD'),
} as const;

/** What people see of a run without asking it: current details in the Web UI, and search attributes where they are registered. */
export class Visibility {
  /** Asked once, in the first workflow task; see SEARCH_ATTRIBUTES_PATCH. */
  readonly #searchable = patched(SEARCH_ATTRIBUTES_PATCH);
  readonly #published = new Map<keyof typeof KEYS, string>();

  publish(progress: RunProgress): void {
    const { namespace } = workflowInfo();
    setCurrentDetails(renderProgressTable({ progress, namespace, outcome: progress.outcome }));
    if (this.#searchable) this.#upsertChanges(progress);
  }

  #upsertChanges(progress: RunProgress): void {
    const changes: SearchAttributeUpdatePair[] = [];
    for (const name of ['warehouse', 'cluster', 'status'] as const) {
      const value = progress[name];
      if (value === undefined || this.#published.get(name) === value) continue;
      this.#published.set(name, value);
      changes.push({ key: KEYS[name], value });
    }
    if (changes.length > 0) upsertSearchAttributes(changes);
  }
}
