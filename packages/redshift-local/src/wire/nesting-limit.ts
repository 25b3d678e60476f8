import { RedshiftError } from '../redshift-error.js';

const STATEMENT_TOO_COMPLEX = '54001';

/**
 * Does what recurses as deeply as a client's statement is nested. Where the stack ends, throws RedshiftError: that is a limit to
 * the statement, as a server has one too, and no failure of the session.
 */
export function withinNestingLimit<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.includes('call stack')) throw error;
    throw new RedshiftError({
      sqlState: STATEMENT_TOO_COMPLEX,
      message: 'statement too complex: its expressions are nested too deeply',
      hint: 'Nest fewer expressions and parentheses in each other, or split the statement.',
      cause: error,
    });
  }
}
