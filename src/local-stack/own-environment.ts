import type { Environment } from '../config.js';

/** Exported by `stack.env` beside TEMPORAL_ADDRESS, with the same value, where the Temporal is the stack's own. */
export const OWN_TEMPORAL_VARIABLE = 'STARSHIFT_STACK_TEMPORAL';

/** What a sourced `stack.env` leaves in a shell, and what would turn a stack that starts to one that was stopped. */
const LEFT_BEHIND = /^(TEMPORAL_.*|AWS_ENDPOINT_URL.*|STARSHIFT_REDSHIFT_CA|STARSHIFT_S3_PATH_STYLE)$/;
/** Another one is a person's own setting. */
const OWN_UI = /^STARSHIFT_UI_URL=http:\/\/127\.0\.0\.1:\d+$/;

/**
 * The environment without what a sourced `stack.env` put into it: a stack that starts must not take its own earlier Temporal for
 * someone else's. Unchanged where TEMPORAL_ADDRESS names another one.
 */
export function withoutOwnStack(environment: Environment): Environment {
  if (!namesOwnStack(environment)) return environment;
  const kept = Object.entries(environment).filter(
    ([name, value]) => !LEFT_BEHIND.test(name) && name !== OWN_TEMPORAL_VARIABLE && !OWN_UI.test(`${name}=${value}`),
  );
  return Object.fromEntries(kept);
}

/** True where TEMPORAL_ADDRESS is the one that a sourced `stack.env` has set, and not a person. */
export function namesOwnStack(environment: Environment): boolean {
  const own = environment[OWN_TEMPORAL_VARIABLE] ?? '';
  return own !== '' && environment.TEMPORAL_ADDRESS === own;
}
