import type { SessionEffect } from '../sql/plan.js';

/** What the face itself knows of a client's session. */
export class SessionState {
  user = '';
  database = '';
  processId = 0;
  /** Value of `query_group`: the label of the statements that follow. */
  queryGroup = '';
  /** `enable_case_sensitive_identifier`. */
  caseSensitive = false;
  lastQueryId = -1;
  lastCopyId = -1;
  lastCopyCount = 0;

  apply(effect: SessionEffect): void {
    if (effect.kind === 'query-group') this.queryGroup = effect.label === 'unset' ? '' : effect.label;
    else if (effect.kind === 'case-sensitive') this.caseSensitive = effect.on;
    else {
      this.queryGroup = '';
      this.caseSensitive = false;
    }
  }
}
