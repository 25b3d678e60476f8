import type { WordRule } from '../rewrite-context.js';
import { AGGREGATES } from './aggregates.js';
import { CASTS } from './casts.js';
import { CONDITIONAL_FUNCTIONS } from './conditional-functions.js';
import { DATE_FUNCTIONS } from './date-functions.js';
import { RENAMED_FUNCTIONS } from './renamed-functions.js';

/** Every rule of expressions, by the word it starts at. A new function of the dialect is an entry in one of these maps. */
export const WORD_RULES: ReadonlyMap<string, WordRule> = new Map<string, WordRule>([
  ...CONDITIONAL_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...AGGREGATES,
  ...CASTS,
  ...RENAMED_FUNCTIONS,
]);
