import {
  type ApplicationFailure,
  ContinueAsNew,
  DeterminismViolationError,
  isCancellation,
  setCurrentDetails,
  TemporalFailure,
} from '@temporalio/workflow';
import type { z } from 'zod';
import { FAILURES } from '../domain/failure.js';
import { INPUT_SCHEMAS, parseInput } from '../domain/input.js';
import type { WorkflowName } from '../domain/names.js';
import type { RunResult } from '../domain/progress.js';
import { describeFault, terminalFailure } from './failure-text.js';

type InputOf<Name extends WorkflowName> = z.output<(typeof INPUT_SCHEMAS)[Name]>;

/**
 * The way into every workflow: validates the input before anything else and makes sure that whatever is thrown ends the run.
 * @throws ApplicationFailure InvalidInput listing every error, InternalError for an ordinary throw
 */
export async function enter<Name extends WorkflowName>(
  name: Name,
  value: unknown,
  body: (input: InputOf<Name>) => Promise<RunResult>,
): Promise<RunResult> {
  try {
    const parsed = parseInput(INPUT_SCHEMAS[name], value);
    if ('errors' in parsed) throw invalidInput(name, parsed.errors);
    return await body(parsed.input as InputOf<Name>);
  } catch (error) {
    throw endsRun(error) ? error : fault(error);
  }
}

function invalidInput(name: WorkflowName, errors: readonly string[]): ApplicationFailure {
  const lines = errors.map((error) => `  ${error}`).join('\n');
  const message = `The input of ${name} is not valid:\n${lines}\nStart it again with these mended; examples/ has an input for each workflow.`;
  setCurrentDetails(
    `❌ The input is not valid:\n\n${errors.map((error) => `- \`${error.replaceAll('`', "'")}\``).join('\n')}`,
  );
  return terminalFailure(FAILURES.invalidInput.type, message);
}

/** A determinism violation is left to the SDK: the run waits for a worker with the right code, and goes on. */
function endsRun(error: unknown): boolean {
  return (
    error instanceof TemporalFailure ||
    error instanceof ContinueAsNew ||
    error instanceof DeterminismViolationError ||
    isCancellation(error)
  );
}

function fault(error: unknown): ApplicationFailure {
  const { type, message, cause } = describeFault(error);
  return terminalFailure(type, message, cause);
}
