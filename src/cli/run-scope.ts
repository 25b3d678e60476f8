import { type Client, isGrpcServiceError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { WORKFLOWS } from '../domain/names.js';
import { CliError } from './cli-error.js';
import { type InputScope, scopeOfInput } from './input-scope.js';

/** gRPC status code. */
const NOT_FOUND = 5;

/**
 * The warehouse that a run works on, from the input in the first event of its history.
 * @throws CliError (exit 1) when Temporal does not know the run, or it is no run of Starshift
 */
export async function readRunScope(client: Client, workflowId: string): Promise<InputScope> {
  const started = await readStart(client, workflowId);
  const type = started?.workflowType?.name ?? '';
  const workflow = WORKFLOWS.find((known) => known === type);
  if (workflow === undefined) {
    throw new CliError(`${workflowId} is a run of "${type}", not of one of ${WORKFLOWS.join(', ')}.`);
  }
  const [payload] = started?.input?.payloads ?? [];
  const value = payload === undefined ? {} : defaultPayloadConverter.fromPayload(payload);
  const scope = scopeOfInput(workflow, value);
  if (!('errors' in scope)) return scope;
  throw new CliError(`The input of ${workflowId} is not one of ${workflow}:\n${scope.errors.join('\n')}`);
}

/** One event, not the whole history. */
async function readStart({ workflowService, options }: Client, workflowId: string) {
  try {
    const { history } = await workflowService.getWorkflowExecutionHistory({
      namespace: options.namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    return history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== NOT_FOUND) throw error;
    const message = `Temporal knows no run with the id ${workflowId} (any more). List the runs: npx starshift status. Or name the warehouse with --cluster or --input-file.`;
    throw new CliError(message, undefined, { cause: error });
  }
}
