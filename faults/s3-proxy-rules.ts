/** What the proxy does to a request that a rule meets. */
export type S3FaultAction =
  /** 503 SlowDown, as S3 throttles. */
  | { readonly action: 'slowDown' }
  /** 500 InternalError. */
  | { readonly action: 'internalError' }
  /** 400 ExpiredToken, as S3 refuses the keys of a session that is over. */
  | { readonly action: 'expiredToken' }
  /** Bodies pass at this rate, both ways. */
  | { readonly action: 'slow'; readonly bytesPerSecond: number }
  /** The connection is reset once so many bytes of the bodies have passed, at the latest before the last one. */
  | { readonly action: 'cut'; readonly afterBytes: number }
  /** Nothing is sent on until `release()`, or until the rules are replaced. */
  | { readonly action: 'hold' };

/** One rule of the proxy. */
export type S3FaultRule = S3FaultAction & {
  readonly id?: string;
  /** For example `GET`. Absent: any. */
  readonly method?: string;
  /** Regular expression on `bucket/key`; of a listing, on `bucket/prefix`. Absent: any. */
  readonly keyPattern?: string;
  /** Only listings of a bucket, or none of them. Absent: both. */
  readonly listing?: boolean;
  /** So many matching requests pass first. @default 0 */
  readonly skip?: number;
  /** How often it strikes; then it is spent. @default 1 */
  readonly times?: number;
};

/** A rule with its id, and how often it matched and struck. */
export type CountedS3Rule = S3FaultRule & { readonly id: string; readonly matched: number; readonly fired: number };

/** What rules look at. */
export interface S3RequestLine {
  readonly method: string;
  /** Path and query as sent, path style: `/bucket/key`. */
  readonly url: string;
}

type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const whole =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least ? undefined : `must be a whole number from ${least}`;
const expression: Check = (value) => {
  try {
    new RegExp(value as string);
    return text(value);
  } catch (error) {
    return `is no regular expression: ${(error as Error).message}`;
  }
};

const OPTIONAL: Readonly<Record<string, Check>> = {
  id: text,
  method: text,
  keyPattern: expression,
  listing: flag,
  skip: whole(0),
  times: whole(1),
};
const OF_ACTION: Readonly<Record<S3FaultAction['action'], Readonly<Record<string, Check>>>> = {
  slowDown: {},
  internalError: {},
  expiredToken: {},
  slow: { bytesPerSecond: whole(1) },
  cut: { afterBytes: whole(0) },
  hold: {},
};

/** Reads a JSON array of rules. Throws an Error that lists every mistake, unknown fields among them. */
export function parseS3Rules(value: unknown): S3FaultRule[] {
  if (!Array.isArray(value)) throw new Error('rules must be a JSON array');
  const problems = value.flatMap((rule, at) => problemsOf(rule, `rules[${at}]`));
  if (problems.length > 0) throw new Error(problems.join('; '));
  return value as S3FaultRule[];
}

function problemsOf(rule: unknown, place: string): string[] {
  if (typeof rule !== 'object' || rule === null) return [`${place} must be an object`];
  const given = rule as Readonly<Record<string, unknown>>;
  const action = String(given.action);
  if (!Object.hasOwn(OF_ACTION, action)) return [`${place}.action must be one of ${Object.keys(OF_ACTION).join(', ')}`];
  const required = OF_ACTION[action as S3FaultAction['action']];
  const missing = Object.keys(required).filter((name) => given[name] === undefined);
  const wrong = Object.entries(given).flatMap(([name, field]) => {
    if (name === 'action') return [];
    const check = Object.hasOwn(required, name) ? required[name] : Object.hasOwn(OPTIONAL, name) && OPTIONAL[name];
    if (!check) return [`${place} has an unknown field "${name}"`];
    const problem = field === undefined ? undefined : check(field);
    return problem === undefined ? [] : [`${place}.${name} ${problem}`];
  });
  return [...missing.map((name) => `${place}.${name} is missing`), ...wrong];
}

interface LiveRule {
  readonly rule: S3FaultRule & { readonly id: string };
  readonly key: RegExp | undefined;
  matched: number;
  fired: number;
}

/** The rules of one proxy, counting. */
export class S3Rules {
  #rules: LiveRule[] = [];

  /** Replaces all rules and their counters. Throws for what `parseS3Rules` refuses. */
  set(rules: readonly S3FaultRule[]): void {
    this.#rules = parseS3Rules(rules).map((rule, at) => ({
      rule: { ...rule, id: rule.id ?? `rule-${at + 1}` },
      key: rule.keyPattern === undefined ? undefined : new RegExp(rule.keyPattern),
      matched: 0,
      fired: 0,
    }));
  }

  get counted(): CountedS3Rule[] {
    return this.#rules.map(({ rule, matched, fired }) => ({ ...rule, matched, fired }));
  }

  /** The first rule that matches and is due; the ones behind it do not count the request. */
  strike(line: S3RequestLine): S3FaultRule | undefined {
    const { subject, isListing } = subjectOf(line);
    for (const live of this.#rules) {
      const { rule } = live;
      if (rule.method !== undefined && rule.method.toUpperCase() !== line.method) continue;
      if (rule.listing !== undefined && rule.listing !== isListing) continue;
      if (live.key !== undefined && !live.key.test(subject)) continue;
      live.matched++;
      if (live.matched <= (rule.skip ?? 0) || live.fired >= (rule.times ?? 1)) continue;
      live.fired++;
      return rule;
    }
    return undefined;
  }
}

function subjectOf({ method, url }: S3RequestLine): { readonly subject: string; readonly isListing: boolean } {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [bucket = '', ...key] = pathname.slice(1).split('/');
  const isListing = method === 'GET' && key.join('') === '';
  const rest = isListing ? (searchParams.get('prefix') ?? '') : decoded(key.join('/'));
  return { subject: `${decoded(bucket)}/${rest}`, isListing };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
