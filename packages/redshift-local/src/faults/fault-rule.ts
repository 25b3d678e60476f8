/** What happens to a statement that a rule strikes. */
export type FaultAction =
  /** The statement is not executed; the client gets this error, and its transaction fails. A COMMIT that is struck rolls back. */
  | { readonly action: 'error'; readonly sqlstate: string; readonly message: string; readonly detail?: string }
  /** The connection is reset before the statement reaches PostgreSQL. */
  | { readonly action: 'dropBefore' }
  /** The statement is executed to its end; the connection is reset before a byte of its answer goes out. */
  | { readonly action: 'dropAfter' }
  /** The connection is reset while the statement runs. With `keepBackend` the server does not notice. */
  | { readonly action: 'dropDuring'; readonly afterMs: number; readonly keepBackend?: boolean }
  /** The statement waits before it is executed. */
  | { readonly action: 'delay'; readonly ms: number }
  /** The backend session is terminated while the statement runs (57P01). */
  | { readonly action: 'terminate'; readonly afterMs?: number };

/** Which statements a rule is about, and how often. */
export interface FaultMatch {
  readonly id: string;
  /** Regular expression on the client's statement, ignoring case. */
  readonly match: string;
  /** Regular expression on the session's query group, ignoring case. */
  readonly label?: string;
  /** So many matching statements pass first. @default 0 */
  readonly skip: number;
  /** How often it strikes; then it is spent. @default 1 */
  readonly times: number;
}

/** One rule, as `PUT /faults` sets it. */
export type FaultRule = FaultMatch & FaultAction;

/** A request that cannot be understood; the message says what is wrong with which field. */
export class FaultRequestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultRequestError';
  }
}

type Check = (value: unknown) => string | undefined;
type Fields = Readonly<Record<string, { readonly check: Check; readonly optional?: true }>>;

/** Longer waits than this are a slip of units. */
const MAX_WAIT_MS = 3_600_000;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`;
const expression: Check = (value) => {
  if (typeof value !== 'string') return 'must be a regular expression as a string';
  try {
    new RegExp(value);
    return undefined;
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`;
  }
};
const sqlState: Check = (value) =>
  typeof value === 'string' && /^[0-9A-Z]{5}$/.test(value) ? undefined : 'must be five digits or capital letters';

const SHARED: Fields = {
  id: { check: text, optional: true },
  match: { check: expression },
  label: { check: expression, optional: true },
  skip: { check: whole(0), optional: true },
  times: { check: whole(1), optional: true },
  action: { check: text },
};

const OF_ACTION: Readonly<Record<FaultAction['action'], Fields>> = {
  error: { sqlstate: { check: sqlState }, message: { check: text }, detail: { check: text, optional: true } },
  dropBefore: {},
  dropAfter: {},
  dropDuring: { afterMs: { check: whole(0, MAX_WAIT_MS) }, keepBackend: { check: flag, optional: true } },
  delay: { ms: { check: whole(0, MAX_WAIT_MS) } },
  terminate: { afterMs: { check: whole(0, MAX_WAIT_MS), optional: true } },
};

/** Reads a JSON array of rules. Throws FaultRequestError that lists every mistake with its place. */
export function parseRules(value: unknown): FaultRule[] {
  if (!Array.isArray(value)) throw new FaultRequestError('rules must be a JSON array');
  const problems = value.flatMap((rule, at) => problemsOf(rule, `rules[${at}]`));
  const ids = value.map((rule, at) => idOf(rule, at));
  problems.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `the id "${id}" is given twice`));
  if (problems.length > 0) throw new FaultRequestError(problems.join('; '));
  return value.map((rule, at) => ({ skip: 0, times: 1, ...rule, id: ids[at] }) as FaultRule);
}

function idOf(rule: unknown, at: number): string {
  const id = (rule as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : `rule-${at + 1}`;
}

function problemsOf(rule: unknown, place: string): string[] {
  const { action } = (rule ?? {}) as { action?: unknown };
  const isAction = typeof action === 'string' && Object.hasOwn(OF_ACTION, action);
  if (!isAction) return [`${place}.action must be one of ${Object.keys(OF_ACTION).join(', ')}`];
  return fieldProblems(rule, place, { ...SHARED, ...OF_ACTION[action as FaultAction['action']] });
}

/** What is wrong with an object that must have these fields and no others. */
export function fieldProblems(value: unknown, place: string, fields: Fields): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place} must be an object`];
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  const known = Object.entries(fields).flatMap(([name, { check, optional }]) => {
    if (given[name] === undefined) return optional === true ? [] : [`${place}.${name} is missing`];
    const problem = check(given[name]);
    return problem === undefined ? [] : [`${place}.${name} ${problem}`];
  });
  return [...unknown.map((name) => `${place} has an unknown field "${name}"`), ...known];
}

/** Reads `{"cluster": id, "bytes": n | null}`. Throws FaultRequestError. */
export function parseQuota(value: unknown): { readonly cluster: string; readonly bytes: number | null } {
  const bytes: Check = (given) => (given === null ? undefined : whole(0)(given));
  const problems = fieldProblems(value, 'quota', { cluster: { check: text }, bytes: { check: bytes } });
  if (problems.length > 0) throw new FaultRequestError(problems.join('; '));
  return value as { cluster: string; bytes: number | null };
}

/** Reads `{"expired": true | false}`. Throws FaultRequestError. */
export function parseCredentials(value: unknown): { readonly expired: boolean } {
  const problems = fieldProblems(value, 'credentials', { expired: { check: flag } });
  if (problems.length > 0) throw new FaultRequestError(problems.join('; '));
  return value as { expired: boolean };
}
