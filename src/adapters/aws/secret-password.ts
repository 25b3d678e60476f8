import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { TerminalError } from '../errors.js';
import type { AwsClients } from './aws-clients.js';
import { toAwsError } from './aws-failure.js';
import { callOptions } from './call-options.js';

/** How the names of the secrets begin that Redshift manages. */
export const MANAGED_SECRETS = 'redshift!';

/** What an ARN of a secret has before the name. */
const SECRET_ARN = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(?<name>[^:]+)$/;

/**
 * An input chooses the host that a password is sent to, so it may choose only among secrets that are kept for this.
 * @throws TerminalError of kind `authentication` for a secret, by name or ARN, whose name begins with none of the prefixes
 */
export function requireAllowedSecret(id: string, prefixes: readonly string[]): void {
  const name = SECRET_ARN.exec(id)?.groups?.name ?? id;
  // A name holds no colon: what looks like an ARN and is none is for nobody to guess at.
  if (!name.includes(':') && prefixes.some((prefix) => name.startsWith(prefix))) return;
  throw new TerminalError({
    kind: 'authentication',
    message:
      `Inputs may not name secret ${id}: the worker's STARSHIFT_SECRETS allows names that begin with ${prefixes.join(' or ')}. ` +
      'Add the beginning of its name there and restart the worker, or keep the password under an allowed name.',
    resource: id,
    code: 'SecretNotAllowed',
  });
}

/**
 * The password in a secret: the secret itself, or the field `password` of its JSON as Redshift and RDS keep theirs.
 * @throws TerminalError when there is no such secret, the worker may not read it, or it holds no password
 */
export async function readSecret(
  { secretsManager }: Pick<AwsClients, 'secretsManager'>,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal | undefined },
): Promise<string> {
  try {
    const { SecretString } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: id }),
      callOptions(signal),
    );
    const value = passwordIn(SecretString ?? '');
    if (value !== '') return value;
  } catch (error) {
    signal?.throwIfAborted();
    throw toAwsError(error, { action: `Reading secret ${id}`, resource: id });
  }
  throw new TerminalError({
    kind: 'authentication',
    message: `Secret ${id} holds no password: neither plain text nor JSON with a field "password".`,
    resource: id,
  });
}

function passwordIn(secret: string): string {
  if (!secret.trimStart().startsWith('{')) return secret;
  try {
    const { password } = JSON.parse(secret) as { password?: unknown };
    return typeof password === 'string' ? password : '';
  } catch {
    return secret;
  }
}
