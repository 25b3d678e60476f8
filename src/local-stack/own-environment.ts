import type { Environment } from '../config.js';

/** Exported by `stack.env` beside TEMPORAL_ADDRESS, with the same value, where the Temporal is the stack's own. */
export const OWN_TEMPORAL_VARIABLE = 'STARSHIFT_STACK_TEMPORAL';

/** What a sourced `stack.env` leaves in a shell, and what would turn a stack that starts to one that was stopped. */
const LEFT_BEHIND = /^(TEMPORAL_.*|AWS_ENDPOINT_URL.*|STARSHIFT_REDSHIFT_CA|STARSHIFT_S3_PATH_STYLE)$/;

/**
 * The environment without what a sourced `stack.env` put into it: a stack that starts must not take its own earlier Temporal for
 * someone else's. Unchanged where TEMPORAL_ADDRESS names another one.
 */
export function withoutOwnStack(environment: Environment): Environment {
  const own = environment[OWN_TEMPORAL_VARIABLE] ?? '';
  if (own === '' || environment.TEMPORAL_ADDRESS !== own) return environment;
  const kept = Object.entries(environment).filter(
    ([name]) => !LEFT_BEHIND.test(name) && name !== OWN_TEMPORAL_VARIABLE,
  );
  return Object.fromEntries(kept);
}
