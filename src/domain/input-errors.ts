import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with an input, a line each: `cluster.nodeType: is not ...`. Lines name fields and types, never a value that may be secret. */
export function describeIssue(issue: Issue, above: readonly PropertyKey[]): string[] {
  const path = [...above, ...issue.path];
  const at = path.length === 0 ? 'input' : path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...path, key].map(String).join('.')}: is not a known field`);
  }
  if (issue.code === 'invalid_union') {
    return closestAlternative(issue.errors).flatMap((inner) => describeIssue(inner, path));
  }
  if (issue.code === 'invalid_type') return [`${at}: ${describeType(issue)}`];
  return [`${at}: ${issue.message}`];
}

/**
 * Zod's own messages in words that follow a path: `must be at least 1`. For `parse(value, { error })`; a schema's own message goes first.
 * Undefined leaves zod's.
 */
export function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'too_small':
      return limit(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return limit(issue.origin, 'at most', issue.maximum);
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.format === 'starts_with' ? `must begin with "${issue.prefix}"` : undefined;
    default:
      return undefined;
  }
}

function limit(origin: string, bound: 'at least' | 'at most', value: number | bigint): string {
  if (origin === 'string') {
    return bound === 'at least' && value === 1 ? 'must not be empty' : `must be ${bound} ${value} characters long`;
  }
  return origin === 'array' ? `must have ${bound} ${value} items` : `must be ${bound} ${value}`;
}

/** Of a union, the alternative that was meant: the one that knows the fields that are there, then the one with the fewest errors. */
function closestAlternative(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const unknownKeys = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  const ranked = [...alternatives].sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length);
  return ranked[0] ?? [];
}

function describeType(issue: z.core.$ZodIssueInvalidType): string {
  const received = /received (\w+)$/.exec(issue.message)?.[1];
  // The type `int` is refused to numbers with a fraction, and to none else.
  if (received === 'number' && issue.expected === 'int') return 'must be a whole number';
  return received === 'undefined' || received === undefined
    ? `is missing; it must be ${withArticle(issue.expected)}`
    : `must be ${withArticle(issue.expected)}, not ${withArticle(received)}`;
}

const BARE = new Set(['null', 'undefined', 'NaN']);

function withArticle(type: string): string {
  const name = type === 'int' ? 'whole number' : type;
  if (BARE.has(name)) return name;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
