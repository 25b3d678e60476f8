import { Command } from 'commander';
import type { SkipStep } from '../domain/decisions.js';
import { SKIP_STEP_UPDATE } from '../domain/names.js';
import { answerStep } from './answer-step.js';

/** `starshift skip`: leaves a failed step out. */
export function skipCommand(): Command {
  return new Command('skip')
    .summary('leave a failed step and what needs it out, and go on')
    .description(
      'Leaves out a step that waits for an answer, and with it every step that needs it; a failed check is accepted. The others go on, and the run ends as completedWithSkips.',
    )
    .argument('<workflow-id>', 'id of the run')
    .argument('<step>', 'id of the step')
    .option('--json', "print the run's progress as one JSON document on stdout")
    .addHelpText('after', '\nExample:\n  starshift skip starshift-demo staging_songs')
    .action(async (workflowId: string, step: string, options: { readonly json?: boolean }) => {
      const argument: SkipStep = { step };
      const accepted = `Step ${step} of ${workflowId} is skipped.`;
      await answerStep({ workflowId, step, update: SKIP_STEP_UPDATE, argument, accepted, json: options.json === true });
    });
}
