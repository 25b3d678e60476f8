import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { WarehouseProblem } from './invalid-warehouse-error.js';
import { WAREHOUSE_FILE } from './read-folder.js';
import { type WarehouseFile, warehouseFile } from './warehouse-file.js';

export type YamlPath = readonly (string | number)[];

export interface ParsedWarehouseFile {
  /** Undefined when there are problems. */
  readonly file?: WarehouseFile;
  readonly problems: readonly WarehouseProblem[];
  /** A problem of this file at a path, with its line. */
  readonly problemAt: (path: YamlPath, message: string) => WarehouseProblem;
}

/** Parses and validates warehouse.yaml by itself; every problem has a line and, where there is one, a path. */
export function parseWarehouseFile(text: string): ParsedWarehouseFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problemAt = (path: YamlPath, message: string): WarehouseProblem => {
    const offset = offsetOf(document, path);
    return { file: WAREHOUSE_FILE, line: lines.linePos(offset).line, path: path.join('.'), message };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file: WAREHOUSE_FILE,
      line: lines.linePos(error.pos[0]).line,
      message: `is not valid YAML: ${error.message}`,
    }));
    return { problems, problemAt };
  }
  const parsed = warehouseFile.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return { file: parsed.data, problems: [], problemAt };
  const found = parsed.error.issues.flatMap((issue) => describeIssue(issue));
  return { problems: found.map(({ path, message }) => problemAt(path, message)), problemAt };
}

interface Finding {
  readonly path: YamlPath;
  readonly message: string;
}

/** What stands in a place of warehouse.yaml when it is missing or of the wrong kind. */
const EXAMPLES: Readonly<Record<string, string>> = {
  title: 'title: Sparkify, songs and their plays',
  sources: 'sources: { events: { prefix: log_data/, format: json } }',
  prefix: 'prefix: log_data/',
  format: 'format: json',
  tables: 'tables: { users: { role: dimension, key: [user_id] } }',
  role: 'role: dimension',
  key: 'key: [user_id]',
  load: 'load: { staging_events: { copy: events }, users: { needs: [staging_events] } }',
  defaultDesign: 'defaultDesign: auto',
  designs: 'designs: { auto: { title: Redshift chooses, tables: {} } }',
  chart: 'chart: { kind: bar, x: hour, y: [plays] }',
  kind: 'kind: bar',
  copy: 'copy: events',
  needs: 'needs: [staging_events]',
};

function describeIssue(issue: z.core.$ZodIssue, above: YamlPath = []): Finding[] {
  const path = [...above, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not a known field; remove it or mend its name',
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues[0]?.message ?? issue.message }];
  }
  // Of a union, the alternative that fits best says what is missing.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return closest.flatMap((inner) => describeIssue(inner, path));
  }
  const example = EXAMPLES[String(path.at(-1))];
  if (issue.code === 'invalid_type') {
    const what = issue.message.includes('received undefined') ? 'is missing' : `is not ${article(issue.expected)}`;
    return [{ path, message: example === undefined ? what : `${what}; write for example ${example}` }];
  }
  return [{ path, message: issue.message }];
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    record: 'a map',
    object: 'a map',
    array: 'a list',
    string: 'a text',
  };
  return names[expected] ?? `a ${expected}`;
}

/** Offset of the deepest part of the path that is in the document: of its key where it has one. */
function offsetOf(document: Document, path: YamlPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!isPair(pair)) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node) && node.range) offset = node.range[0];
    } else break;
  }
  return offset;
}
