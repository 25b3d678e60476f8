import { Command } from 'commander';
import type { Abort } from '../domain/decisions.js';
import { ABORT_UPDATE } from '../domain/names.js';
import { answerStep } from './answer-step.js';

interface AbortOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

/** `starshift abort`: ends a run that waits for an answer. */
export function abortCommand(): Command {
  return new Command('abort')
    .summary('end a run')
    .description(
      'Ends a run. What it has committed to the warehouse stays; a cluster that it had not finished provisioning is deleted again, and one that it was to tear down is torn down.',
    )
    .argument('<workflow-id>', 'id of the run')
    .option('--reason <text>', "kept in the run's failure")
    .option('--json', "print the run's progress as one JSON document on stdout")
    .addHelpText('after', '\nExample:\n  starshift abort starshift-demo --reason "wrong bucket"')
    .action(async (workflowId: string, options: AbortOptions) => {
      const argument: Abort = options.reason === undefined ? {} : { reason: options.reason };
      await answerStep({
        workflowId,
        update: ABORT_UPDATE,
        argument,
        accepted: `${workflowId} is aborted.`,
        json: options.json === true,
      });
    });
}
