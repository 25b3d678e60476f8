import { readFile } from 'node:fs/promises';
import { INPUT_SCHEMAS, parseInput } from '../domain/input.js';
import { WORKFLOWS, type WorkflowName } from '../domain/names.js';
import { usageError } from './cli-error.js';

/** @throws CliError (exit 2) naming the workflows there are */
export function parseWorkflowName(name: string): WorkflowName {
  const found = WORKFLOWS.find((known) => known === name);
  if (found !== undefined) return found;
  throw usageError(`There is no workflow "${name}". Workflows: ${WORKFLOWS.join(', ')}.`);
}

/**
 * Reads a run's input as it will be sent and checks it with the workflow's own schema, so that what is wrong is known before
 * anything starts.
 * @throws CliError (exit 2) with every error, a line each
 */
export async function readRunInput(request: {
  readonly workflow: WorkflowName;
  readonly file: string | undefined;
  readonly json: string | undefined;
}): Promise<Readonly<Record<string, unknown>>> {
  const { workflow, file, json } = request;
  if ((file === undefined) === (json === undefined)) {
    throw usageError(
      `Give the input of ${workflow} with either --input-file FILE or --input JSON, for example --input-file examples/${kebab(workflow)}.json.`,
    );
  }
  const { value, where } = await readInputDocument({ file, json });
  const parsed = parseInput(INPUT_SCHEMAS[workflow], value);
  if ('errors' in parsed) {
    throw usageError(
      `${where} is not an input of ${workflow}:\n${parsed.errors.map((error) => `  ${error}`).join('\n')}`,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * Reads a JSON document from a file or as it was typed, and says where it is from, for messages.
 * @throws CliError (exit 2) when the file cannot be read or the text is not JSON
 */
export async function readInputDocument(request: {
  readonly file: string | undefined;
  readonly json: string | undefined;
}): Promise<{ readonly value: unknown; readonly where: string }> {
  const { file, json } = request;
  const where = file ?? '--input';
  return { value: parseJson(json ?? (await readInputFile(file ?? '')), where), where };
}

async function readInputFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${where} is not JSON: ${(error as Error).message}.`);
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
