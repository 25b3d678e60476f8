import { INPUT_SCHEMAS, parseInput, type Target } from '../domain/input.js';
import { WORKFLOWS, type WorkflowName } from '../domain/names.js';
import { usageError } from './cli-error.js';
import { readInputDocument } from './run-input.js';

/** Which warehouse a run's input works on. */
export interface InputScope {
  readonly workflow: WorkflowName;
  /** The input as it is written, and as the workflow's schema reads it. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly target: Target;
  /** Absent where the workflow works on no tables: provisionWarehouse, teardownWarehouse. */
  readonly schema: string | undefined;
}

/** Most specific first: what a load understands is meant for a load. */
const GUESSES: readonly WorkflowName[] = ['loadWarehouse', 'buildWarehouse', ...WORKFLOWS];

/**
 * Reads the input of any workflow from a file or as it was typed, and finds the warehouse it names.
 * @throws CliError (exit 2) when it is no workflow's input
 */
export async function readInputScope(request: {
  readonly file: string | undefined;
  readonly json: string | undefined;
}): Promise<InputScope> {
  const { value, where } = await readInputDocument(request);
  let closest: { readonly workflow: WorkflowName; readonly errors: readonly string[] } | undefined;
  for (const workflow of GUESSES) {
    const read = scopeOfInput(workflow, value);
    if (!('errors' in read)) return read;
    if (closest === undefined || read.errors.length < closest.errors.length) closest = { workflow, ...read };
  }
  const errors = closest?.errors.map((error) => `  ${error}`).join('\n');
  throw usageError(`${where} is not the input of a workflow; for ${closest?.workflow}:\n${errors}`);
}

/** The warehouse that an input of this workflow names, or what is wrong with the input. */
export function scopeOfInput(
  workflow: WorkflowName,
  value: unknown,
): InputScope | { readonly errors: readonly string[] } {
  const parsed = parseInput(INPUT_SCHEMAS[workflow], value);
  if ('errors' in parsed) return parsed;
  const { input } = parsed;
  const schema = 'schema' in input ? input.schema : undefined;
  return { workflow, value: value as Readonly<Record<string, unknown>>, target: targetOf(input), schema };
}

type AnyInput = Extract<
  ReturnType<typeof parseInput<(typeof INPUT_SCHEMAS)[WorkflowName]>>,
  { input: unknown }
>['input'];

/** A cluster that a run provisions is reached as the run itself reaches it. */
function targetOf(input: AnyInput): Target {
  if ('target' in input && input.target !== undefined) return input.target;
  const cluster = 'cluster' in input ? input.cluster : undefined;
  if (cluster === undefined) throw new Error('The input has neither a cluster nor a target');
  if (typeof cluster === 'string') return { cluster };
  const { identifier, adminPassword } = cluster;
  return 'env' in adminPassword ? { cluster: identifier, password: adminPassword } : { cluster: identifier };
}
