import {
  compose,
  flatten,
  type Node,
  nextIndex,
  operatorAt,
  significant,
  startOf,
  textOf,
  trimmed,
  wordAt,
} from '../nodes.js';
import type { SessionEffect } from '../plan.js';
import { syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { quoteLiteral } from '../string-literal.js';
import { forward, rewriteOnly, type StatementDraft, type StatementRule } from './statement-rule.js';

/** Settings of Redshift that PostgreSQL does not have: kept as custom settings, with the value an unset one shows. */
const REDSHIFT_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['query_group', 'unset'],
  ['enable_case_sensitive_identifier', 'off'],
  ['enable_case_sensitive_super_attribute', 'off'],
  ['enable_result_cache_for_session', 'on'],
  ['enable_numeric_rounding', 'off'],
  ['enable_vacuum_boost', 'off'],
  ['enable_analyze_in_copy', 'on'],
  ['analyze_threshold_percent', '10'],
  ['auto_analyze', 'on'],
  ['cast_super_null_on_error', 'on'],
  ['describe_field_name_in_uppercase', 'off'],
  ['downcase_delimited_identifier', 'on'],
  ['error_on_nondeterministic_update', 'off'],
  ['json_serialization_enable', 'off'],
  ['json_serialization_parse_nested_strings', 'off'],
  ['max_concurrency_scaling_clusters', '1'],
  ['max_cursor_result_set_size', '0'],
  ['mv_enable_aqmv_for_session', 'on'],
  ['navigate_super_null_on_error', 'on'],
  ['parse_super_null_on_error', 'off'],
  ['pg_federation_repeatable_read', 'on'],
  ['spectrum_enable_pseudo_columns', 'on'],
  ['spectrum_query_maxerror', '-1'],
  ['stored_proc_log_min_messages', 'info'],
  ['use_fips_ssl', 'off'],
  ['wlm_query_slot_count', '1'],
]);

/** SET: Redshift's own settings become custom ones, everything else is PostgreSQL's. */
export const set: StatementRule = (nodes, context) => {
  let at = nextIndex(nodes, 1);
  const scope = ['session', 'local'].includes(wordAt(nodes, at) ?? '') ? `${wordAt(nodes, at)} ` : '';
  if (scope !== '') at = nextIndex(nodes, at + 1);
  const name = wordAt(nodes, at);
  const next = nextIndex(nodes, at + 1);
  if (name === 'authorization' && scope === 'session ') return setSessionUser('', nodes.slice(next), context);
  if (name === 'session' && wordAt(nodes, next) === 'authorization') {
    return setSessionUser(scope, nodes.slice(nextIndex(nodes, next + 1)), context);
  }
  if (name === undefined || !REDSHIFT_SETTINGS.has(name)) return rewriteOnly(nodes, context);
  const to = nextIndex(nodes, at + 1);
  if (wordAt(nodes, to) !== 'to' && operatorAt(nodes, to) !== '=') throw syntaxErrorAt(nodes[to]);
  const value = settingValue(nodes.slice(to + 1), name);
  const statement = compose(startOf(nodes[at]), `set ${scope}redshift_local.${name} to ${quoteLiteral(value)}`);
  return withEffect(statement, effectOf(name, value));
};

/** RESET of Redshift's own settings, RESET ALL, and the rest. */
export const reset: StatementRule = (nodes, context) => {
  const at = nextIndex(nodes, 1);
  const name = wordAt(nodes, at);
  if (name === 'session' && wordAt(nodes, nextIndex(nodes, at + 1)) === 'authorization') {
    return forward(compose(startOf(nodes[0]), 'reset role'));
  }
  if (name === 'all') return forward(context.rewrite(nodes), { effect: { kind: 'reset-all' } });
  const initial = name === undefined ? undefined : REDSHIFT_SETTINGS.get(name);
  if (name === undefined || initial === undefined) return rewriteOnly(nodes, context);
  const statement = compose(startOf(nodes[0]), `set redshift_local.${name} to ${quoteLiteral(initial)}`);
  return withEffect(statement, effectOf(name, initial), 'RESET');
};

/** SHOW: custom settings under their own name; the search path without the quotes PostgreSQL puts round "$user". */
export const show: StatementRule = (nodes, context) => {
  const name = wordAt(nodes, nextIndex(nodes, 1));
  const initial = name === undefined ? undefined : REDSHIFT_SETTINGS.get(name);
  const start = startOf(nodes[0]);
  if (name === 'search_path') {
    return forward(compose(start, `select replace(current_setting('search_path'), '"', '') as search_path`), {
      tag: 'SHOW',
    });
  }
  if (initial === undefined) return rewriteOnly(nodes, context);
  const value = `coalesce(nullif(current_setting('redshift_local.${name}', true), ''), ${quoteLiteral(initial)})`;
  return forward(compose(start, `select ${value} as ${name}`), { tag: 'SHOW' });
};

/** The admin is no superuser of PostgreSQL, and only those may change the session's user; to act as another one is enough. */
function setSessionUser(scope: string, user: readonly Node[], context: RewriteContext): StatementDraft {
  const start = startOf(user[0]);
  if (user.length === 0) throw syntaxErrorAt(undefined);
  if (wordAt(user, 0) === 'default') return forward(compose(start, 'reset role'), { tag: 'SET' });
  return forward(compose(start, `set ${scope}role `, context.rewrite(user)));
}

function withEffect(nodes: readonly Node[], effect: SessionEffect | undefined, tag?: string): StatementDraft {
  return forward(nodes, { ...(effect === undefined ? {} : { effect }), ...(tag === undefined ? {} : { tag }) });
}

function settingValue(nodes: readonly Node[], name: string): string {
  const [value] = significant(nodes);
  if (value === undefined) throw syntaxErrorAt(undefined);
  if (value.kind !== 'group' && value.kind === 'word' && value.value === 'default')
    return REDSHIFT_SETTINGS.get(name) ?? '';
  if (value.kind !== 'group' && (value.kind === 'string' || value.kind === 'quoted')) return value.value;
  return textOf(flatten(trimmed(nodes)));
}

function effectOf(name: string, value: string): SessionEffect | undefined {
  if (name === 'query_group') return { kind: 'query-group', label: value };
  if (name !== 'enable_case_sensitive_identifier') return undefined;
  return { kind: 'case-sensitive', on: ['on', 'true', '1', 'yes'].includes(value.toLowerCase()) };
}
