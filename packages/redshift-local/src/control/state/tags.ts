import type { QueryParams } from '../aws/query-params.js';
import type { XmlRecord } from '../aws/xml.js';
import type { Tags } from './control-state.js';
import { record } from './record.js';

/** Reads `Tags.Tag.1.Key` and `.Value` (or `member`, or EC2's bare numbers). */
export function readTags(params: QueryParams, name = 'Tags'): Tags {
  return record(params.structs(name).map((tag) => [tag.required('Key'), tag.text('Value') ?? '']));
}

/** The tags as Key and Value pairs. */
export function tagList(tags: Tags): XmlRecord[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The tags without some keys. */
export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  return record(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
