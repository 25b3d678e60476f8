import { AwsError } from '../aws/aws-error.js';

/** One statement of a policy. */
export interface PolicyStatement {
  readonly allow: boolean;
  readonly actions: readonly string[];
  readonly notActions: boolean;
  readonly resources: readonly string[];
  readonly notResources: boolean;
  /** Service principals of a trust policy. */
  readonly services: readonly string[];
  /** Operator, key, values. */
  readonly conditions: readonly {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
  }[];
}

/** One thing somebody wants to do. */
export interface PolicyQuestion {
  readonly action: string;
  readonly resource: string;
}

/** Reads a policy document. Throws MalformedPolicyDocument. */
export function parsePolicy(document: string): PolicyStatement[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (!isRecord(parsed)) throw malformed('Syntax errors in policy.');
  const statements = asList(parsed.Statement);
  if (statements.length === 0) throw malformed('Policy document should specify at least one statement.');
  return statements.map(parseStatement);
}

/** True when a statement allows it and none denies it (IAM, "Policy evaluation logic"). */
export function isAllowed(statements: readonly PolicyStatement[], question: PolicyQuestion): boolean {
  const matching = statements.filter((statement) => applies(statement, question));
  return matching.some(({ allow }) => allow) && matching.every(({ allow }) => allow);
}

/** True when the trust policy lets this service assume the role. */
export function trusts(statements: readonly PolicyStatement[], service: string): boolean {
  return isAllowed(
    statements.filter(({ services }) => services.includes(service) || services.includes('*')),
    { action: 'sts:AssumeRole', resource: '*' },
  );
}

/**
 * Matches IAM's wildcards: * for any characters, ? for one. Takes at most as many steps as the product of both lengths: a regular
 * expression could take exponentially many, for a pattern that anybody may send.
 */
export function matchesPattern(pattern: string, value: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < value.length; ) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === value[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // The last star takes one character more; an earlier one need never take more than it has.
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

function parseStatement(statement: unknown): PolicyStatement {
  if (!isRecord(statement)) throw malformed('Syntax errors in policy.');
  const { Effect, Principal } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('Invalid effect: it must be Allow or Deny.');
  const actions = asList(statement.Action ?? statement.NotAction).map(asText);
  if (actions.length === 0) throw malformed('Policy statement must contain actions.');
  const services = isRecord(Principal) ? asList(Principal.Service).map(asText) : asList(Principal).map(asText);
  return {
    allow: Effect === 'Allow',
    actions: actions.map((action) => action.toLowerCase()),
    notActions: statement.Action === undefined,
    resources: asList(statement.Resource ?? statement.NotResource ?? '*').map(asText),
    notResources: statement.Resource === undefined && statement.NotResource !== undefined,
    services,
    conditions: parseConditions(statement.Condition),
  };
}

function parseConditions(block: unknown): PolicyStatement['conditions'] {
  if (!isRecord(block)) return [];
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(isRecord(keys) ? keys : {}).map(([key, values]) => ({
      operator,
      key,
      values: asList(values).map(String),
    })),
  );
}

function applies(statement: PolicyStatement, { action, resource }: PolicyQuestion): boolean {
  const byAction = statement.actions.some((pattern) => matchesPattern(pattern, action.toLowerCase()));
  const byResource = statement.resources.some((pattern) => matchesPattern(pattern, resource));
  if (byAction === statement.notActions || byResource === statement.notResources) return false;
  // Conditions need the request's context, which is not simulated: an allowance is taken as met and a denial as not met.
  return statement.conditions.length === 0 || statement.allow;
}

function asList(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw malformed('Syntax errors in policy.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}
