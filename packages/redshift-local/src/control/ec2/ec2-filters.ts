import type { QueryParams } from '../aws/query-params.js';
import { matchesPattern } from '../iam/policy-document.js';
import type { Tags } from '../state/control-state.js';

/** What a resource answers to each filter name; `tags` serves `tag:KEY` and `tag-key`. */
export interface Filterable {
  readonly tags: Tags;
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

/** Applies `Filter.N`: all filters must match, each by any of its values, wildcards allowed. Unknown filter names match nothing. */
export function matchesFilters(resource: Filterable, params: QueryParams): boolean {
  return params.structs('Filter').every((filter) => {
    const values = filter.list('Value');
    const actual = filterField(resource, filter.required('Name'));
    return actual.some((text) => values.some((pattern) => matchesPattern(pattern, text)));
  });
}

function filterField({ tags, fields }: Filterable, name: string): readonly string[] {
  if (name === 'tag-key') return Object.keys(tags);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return Object.hasOwn(tags, key) ? [tags[key] ?? ''] : [];
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) return [];
  return typeof field === 'string' ? [field] : field;
}
