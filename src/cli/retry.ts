import { Command } from 'commander';
import type { RetryStep } from '../domain/decisions.js';
import { RETRY_STEP_UPDATE } from '../domain/names.js';
import { answerStep } from './answer-step.js';
import { usageError } from './cli-error.js';

interface RetryOptions {
  readonly maxErrors?: string;
  /** False for --no-exclude. */
  readonly exclude?: string[] | false;
  readonly reload?: string[] | false;
  readonly json?: boolean;
}

const MAX_ERRORS = 100_000;

/** `starshift retry`: runs a failed step again. */
export function retryCommand(): Command {
  return new Command('retry')
    .summary('run a failed step again')
    .description(
      'Runs a step that waits for an answer again, for COPY steps perhaps with other settings. A setting that is given replaces the one of an earlier retry; one that is not given stays, except for files to leave out that were not found.',
    )
    .argument('<workflow-id>', 'id of the run')
    .argument('<step>', 'id of the step')
    .option('--max-errors <n>', 'COPY steps: how many rows may be rejected, 0 to 100000')
    .option('--exclude <url...>', "COPY steps: s3:// URLs, or keys from the bucket's root, to leave out")
    .option('--no-exclude', 'COPY steps: leave no files out any more')
    .option('--reload <url...>', 'incremental COPY steps: files that have changed and whose rows are to be replaced')
    .option('--no-reload', 'incremental COPY steps: replace the rows of no file any more')
    .option('--json', "print the run's progress as one JSON document on stdout")
    .addHelpText(
      'after',
      `
Examples:
  starshift retry starshift-demo staging_events
  starshift retry starshift-demo staging_events --max-errors 10
  starshift retry starshift-demo staging_events --exclude s3://music/log_data/2018/11/2018-11-12-events.json
  starshift retry starshift-demo staging_events --reload s3://music/log_data/2018/11/2018-11-12-events.json`,
    )
    .action(async (workflowId: string, step: string, options: RetryOptions) => {
      const argument: RetryStep = {
        step,
        ...(options.maxErrors === undefined ? {} : { maxErrors: parseMaxErrors(options.maxErrors) }),
        ...(options.exclude === undefined ? {} : { exclude: options.exclude || [] }),
        ...(options.reload === undefined ? {} : { reload: options.reload || [] }),
      };
      const accepted = `Step ${step} of ${workflowId} runs again.`;
      await answerStep({
        workflowId,
        step,
        update: RETRY_STEP_UPDATE,
        argument,
        accepted,
        json: options.json === true,
      });
    });
}

/** @throws CliError (exit 2) for anything but a whole number that COPY takes */
export function parseMaxErrors(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= MAX_ERRORS) return value;
  throw usageError(`--max-errors ${text} is not a whole number from 0 to ${MAX_ERRORS}, for example --max-errors 10.`);
}
