/** Exit codes of `starshift`. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message on stderr and an exit code; anything else that is thrown is a defect and shown with its stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Wrong arguments, input or settings: exit 2, nothing was started. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage);
}
