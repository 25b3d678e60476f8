import { groupAt, type Node, nextIndex, operatorAt, wordAt } from './nodes.js';
import { errorAt, FEATURE_NOT_SUPPORTED } from './rejection.js';

/** Functions that run on the leader node alone, where no user table can be read. */
const LEADER_ONLY: ReadonlySet<string> = new Set([
  'generate_series',
  'array_agg',
  'string_agg',
  'array_to_string',
  'age',
  'current_schemas',
  'has_table_privilege',
]);

/** Names of the catalogue, which is on the leader node too. */
const CATALOGUE_NAME = /^(?:pg_|svv_|svl_|stl_|stv_|sys_|svcs_|information_schema$)/;

/** Throws as Redshift does when a leader-only function meets a user table in one statement. */
export function rejectLeaderOnlyMix(nodes: readonly Node[]): void {
  const found = findCall(nodes);
  if (found !== undefined && readsUserTable(nodes)) {
    const message = 'Specified types or functions (one per INFO message) not supported on Redshift tables.';
    throw errorAt(found, FEATURE_NOT_SUPPORTED, message);
  }
}

function findCall(nodes: readonly Node[]): Node | undefined {
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as Node;
    if (node.kind === 'group') {
      const inner = findCall(node.children);
      if (inner !== undefined) return inner;
    } else if (
      node.kind === 'word' &&
      LEADER_ONLY.has(node.value) &&
      groupAt(nodes, nextIndex(nodes, at + 1)) !== undefined
    ) {
      return node;
    }
  }
  return undefined;
}

function readsUserTable(nodes: readonly Node[]): boolean {
  const names = new Set<string>();
  collectCteNames(nodes, names);
  return mentionsUserTable(nodes, names);
}

function collectCteNames(nodes: readonly Node[], names: Set<string>): void {
  nodes.forEach((node, at) => {
    if (node.kind === 'group') collectCteNames(node.children, names);
    else if (node.kind === 'word' && node.value === 'as' && groupAt(nodes, nextIndex(nodes, at + 1)) !== undefined) {
      for (const before of nodes.slice(Math.max(0, at - 3), at)) {
        if (before.kind === 'word' || before.kind === 'quoted') names.add(before.value);
      }
    }
  });
}

function mentionsUserTable(nodes: readonly Node[], ctes: ReadonlySet<string>): boolean {
  return nodes.some((node, at) => {
    if (node.kind === 'group') return mentionsUserTable(node.children, ctes);
    if (node.kind !== 'word' || (node.value !== 'from' && node.value !== 'join')) return false;
    const relation = nodes[nextIndex(nodes, at + 1)];
    if (relation?.kind !== 'word' && relation?.kind !== 'quoted') return false;
    const after = nextIndex(nodes, nextIndex(nodes, at + 1) + 1);
    const isFunction = groupAt(nodes, after) !== undefined && operatorAt(nodes, after) !== '.';
    return (
      !isFunction &&
      !ctes.has(relation.value) &&
      !CATALOGUE_NAME.test(relation.value) &&
      wordAt(nodes, at + 1) !== 'select'
    );
  });
}
