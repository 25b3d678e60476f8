import { copyError, type StatementContext } from './copy-error.js';
import type { PathStep } from './json-path-tree.js';
import { type S3Location, s3Url } from './s3-location.js';

/** A JSONPaths file as it was read. */
export interface JsonPathsFile {
  readonly location: S3Location;
  readonly text: string;
  readonly statement: StatementContext;
}

const BRACKET_STEP = /\['([^']*)'\]|\[(\d+)\]/y;
const DOT_STEP = /\.([^.*'[\]]+)|\[(\d+)\]/y;

/**
 * The paths of a JSONPaths file (DG "JSONPaths file"). Undefined when its object has no `jsonpaths`: COPY then behaves as 'auto'.
 * Throws RedshiftError for malformed JSON, more than one object, and expressions that are no single path.
 */
export function parseJsonPaths(file: JsonPathsFile): PathStep[][] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(file.text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalid(file, 'Invalid JSONPath file: it must hold exactly one JSON object', error);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalid(file, 'Invalid JSONPath file: it must hold exactly one JSON object');
  }
  if (!('jsonpaths' in document)) return undefined;
  if (!Array.isArray(document.jsonpaths)) throw invalid(file, "Invalid JSONPath file: 'jsonpaths' must be an array");
  const expressions = document.jsonpaths.map((expression) => {
    if (typeof expression === 'string' && expression !== '') return expression;
    throw invalid(file, `Invalid JSONPath format: ${JSON.stringify(expression)} is not a path`);
  });
  refuseMixedNotation(file, expressions);
  return expressions.map((expression) => parseExpression(file, expression));
}

function refuseMixedNotation(file: JsonPathsFile, expressions: readonly string[]): void {
  const dotted = expressions.find((expression) => expression.startsWith('$.'));
  const bracketed = expressions.find((expression) => expression.startsWith("$['"));
  if (dotted === undefined || bracketed === undefined) return;
  throw invalid(file, `Invalid JSONPath format: ${dotted} and ${bracketed} mix dot and bracket notation`);
}

function parseExpression(file: JsonPathsFile, expression: string): PathStep[] {
  const step = expression.startsWith('$.') ? DOT_STEP : BRACKET_STEP;
  const steps: PathStep[] = [];
  let at = 1;
  while (expression.startsWith('$') && at < expression.length) {
    step.lastIndex = at;
    const found = step.exec(expression);
    if (found === null) break;
    steps.push(found[1] ?? Number(found[2]));
    at = step.lastIndex;
  }
  if (steps.length > 0 && at === expression.length) return steps;
  throw invalid(file, `Invalid JSONPath format: ${expression}`);
}

function invalid({ statement, location }: JsonPathsFile, message: string, cause?: unknown): Error {
  return copyError(statement, { message, context: s3Url(location), cause });
}
