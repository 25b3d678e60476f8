import { compose, flatten, type Node } from '../sql/nodes.js';
import type { ForwardPlan, StatementPlan } from '../sql/plan.js';
import { planStatement } from '../sql/plan-statement.js';
import { type RenderedSql, renderSql } from '../sql/rendered-sql.js';
import type { RewriteSettings } from '../sql/rewrite.js';
import type { Token } from '../sql/token.js';
import { splitStatements, tokenise } from '../sql/tokenise.js';
import { maskedText } from './masked-secrets.js';

/** A client's text, planned: one plan for each statement. */
export interface PlannedText {
  readonly text: string;
  readonly plans: readonly StatementPlan[];
  /** The same, when PostgreSQL runs every one of them. */
  readonly forwarded: readonly ForwardPlan[] | undefined;
}

const CACHED_TEXTS = 500;
/** A plan weighs some hundred bytes a token, several times its text: what loads rows by INSERT would fill the memory. */
const MAX_CACHED_TOKENS = 2000;
const CACHED_TOKENS = 100_000;
const MAX_CACHED_CHARACTERS = 20_000;

interface CachedPlan {
  readonly planned: PlannedText;
  readonly tokens: number;
}

/** Plans texts, and remembers the latest: an application sends few different ones. */
export class PlanCache {
  readonly #plans = new Map<string, CachedPlan>();
  #tokens = 0;

  /** Tokens of the texts that are remembered. */
  get weight(): number {
    return this.#tokens;
  }

  /** Throws RedshiftError for what Redshift rejects. */
  plan(text: string, settings: RewriteSettings): PlannedText {
    const key = `${settings.caseSensitive ? 'C' : 'f'}${text}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known.planned;
    const tokens = tokenise(text);
    const plans = splitStatements(tokens).map((statement) => planLogged(statement, settings));
    const forwarded = plans.filter((plan) => plan.kind === 'forward');
    const planned = { text, plans, forwarded: forwarded.length === plans.length ? forwarded : undefined };
    if (text.length <= MAX_CACHED_CHARACTERS && tokens.length <= MAX_CACHED_TOKENS)
      this.#remember(key, { planned, tokens: tokens.length });
    return planned;
  }

  #remember(key: string, plan: CachedPlan): void {
    this.#plans.set(key, plan);
    this.#tokens += plan.tokens;
    for (const [oldest, { tokens }] of this.#plans) {
      if (this.#plans.size <= CACHED_TEXTS && this.#tokens <= CACHED_TOKENS) break;
      this.#plans.delete(oldest);
      this.#tokens -= tokens;
    }
  }
}

/** Plans a statement, with no secret in the text that the histories get. */
function planLogged(statement: readonly Token[], settings: RewriteSettings): StatementPlan {
  const plan = planStatement(statement, settings);
  return { ...plan, text: maskedText(statement, plan.text) };
}

/** One statement of a message to the server. */
export interface Step {
  readonly plan: ForwardPlan;
  readonly role: 'before' | 'main' | 'after';
}

/** Several statements as one Query message. */
export interface JoinedSteps {
  readonly sql: RenderedSql;
  readonly steps: readonly Step[];
}

const joined = new WeakMap<readonly ForwardPlan[], JoinedSteps>();

/** `joinSteps` of a text that is sent again and again, unless facts of the moment belong to it. */
export function joinPlanned(
  plans: readonly ForwardPlan[],
  source: string,
  facts: (plan: ForwardPlan) => readonly string[],
): JoinedSteps {
  if (plans.some((plan) => plan.needs.size > 0)) return joinSteps(plans, source, facts);
  const known = joined.get(plans) ?? joinSteps(plans, source, facts);
  joined.set(plans, known);
  return known;
}

/** Joins statements, with those that go before and after each, to the text of one Query message. */
function joinSteps(
  plans: readonly ForwardPlan[],
  source: string,
  facts: (plan: ForwardPlan) => readonly string[],
): JoinedSteps {
  const steps: Step[] = [];
  const tokens: Token[] = [];
  const add = (nodes: readonly Node[], step: Step): void => {
    if (steps.length > 0) for (const token of flatten(compose(-1, ';\n'))) tokens.push(token);
    for (const token of flatten(nodes)) tokens.push(token);
    steps.push(step);
  };
  for (const plan of plans) {
    for (const fact of facts(plan)) add(compose(-1, fact), { plan, role: 'before' });
    if (plan.lock !== undefined) add(plan.lock, { plan, role: 'before' });
    for (const nodes of plan.before) add(nodes, { plan, role: 'before' });
    add(plan.nodes, { plan, role: 'main' });
    for (const nodes of plan.after) add(nodes, { plan, role: 'after' });
  }
  return { sql: renderSql(tokens, source), steps };
}
