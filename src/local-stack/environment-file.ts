import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OWN_TEMPORAL_VARIABLE } from './own-environment.js';
import type { StackAddresses } from './stack-record.js';

/** Path of the file that a shell sources to use the stack of a state folder. */
export function environmentFilePath(stateDir: string): string {
  return join(stateDir, 'stack.env');
}

/**
 * Writes the shell lines that turn the Temporal CLI and the AWS CLI to a stack, and let psql trust it; only its owner may read it.
 * Where a cluster answers and its password come from `starshift dsn`.
 */
export async function writeEnvironmentFile(stateDir: string, stack: StackAddresses): Promise<void> {
  const folder = dirname(stack.temporal.binary);
  const lines = [
    ...(folder === '.' ? [] : [`export PATH=${quote(folder)}:"$PATH"`]),
    ...Object.entries(stack.environment).map(([name, value]) =>
      value === '' ? `unset ${name}` : `export ${name}=${quote(value)}`,
    ),
    ownTemporal(stack),
    // psql and other libpq clients.
    ...(stack.redshift.caPath === ''
      ? []
      : [`export PGSSLROOTCERT=${quote(stack.redshift.caPath)} PGSSLMODE=verify-full`]),
  ];
  await writeFile(environmentFilePath(stateDir), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Only a Temporal of ours has a configuration file of its own. */
function ownTemporal({ environment, temporal }: StackAddresses): string {
  if ((environment.TEMPORAL_CONFIG_FILE ?? '') === '') return `unset ${OWN_TEMPORAL_VARIABLE}`;
  return `export ${OWN_TEMPORAL_VARIABLE}=${quote(temporal.address)}`;
}

/** Forgets the file when the stack stops. */
export async function removeEnvironmentFile(stateDir: string): Promise<void> {
  await rm(environmentFilePath(stateDir), { force: true });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
