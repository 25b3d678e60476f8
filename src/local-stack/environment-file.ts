import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StackAddresses } from './stack-record.js';

/** Path of the file that a shell sources to use the stack of a state folder. */
export function environmentFilePath(stateDir: string): string {
  return join(stateDir, 'stack.env');
}

/** Writes the shell lines that turn the Temporal CLI, the AWS CLI and psql to a stack; only its owner may read it. */
export async function writeEnvironmentFile(stateDir: string, stack: StackAddresses): Promise<void> {
  const folder = dirname(stack.temporal.binary);
  const lines = [
    ...(folder === '.' ? [] : [`export PATH=${quote(folder)}:"$PATH"`]),
    ...Object.entries(stack.environment).map(([name, value]) =>
      value === '' ? `unset ${name}` : `export ${name}=${quote(value)}`,
    ),
    // psql and other libpq clients.
    ...(stack.redshift.caPath === ''
      ? []
      : [`export PGSSLROOTCERT=${quote(stack.redshift.caPath)} PGSSLMODE=verify-full`]),
  ];
  await writeFile(environmentFilePath(stateDir), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Forgets the file when the stack stops. */
export async function removeEnvironmentFile(stateDir: string): Promise<void> {
  await rm(environmentFilePath(stateDir), { force: true });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
