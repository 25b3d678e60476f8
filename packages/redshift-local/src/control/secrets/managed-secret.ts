import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { type AwsAccount, arnOf } from '../state/account.js';
import type { SecretRecord, Tags } from '../state/control-state.js';
import type { StateStore } from '../state/state-store.js';

/** Enters the secret that Redshift manages for a cluster's admin, named as on AWS, and returns its ARN. The caller saves. */
export function enterManagedSecret(
  store: StateStore,
  account: AwsAccount,
  admin: { readonly cluster: string; readonly username: string; readonly password: string; readonly kmsKeyId?: string },
): string {
  const secret = newSecret(account, {
    name: `redshift!${admin.cluster}-${admin.username}`,
    value: JSON.stringify({ username: admin.username, password: admin.password }),
    tags: {
      'aws:redshift:primaryClusterArn': arnOf.cluster(account, admin.cluster),
      'aws:secretsmanager:owningService': 'redshift',
    },
    owningService: 'redshift',
  });
  store.state.secrets[secret.arn] = secret;
  return secret.arn;
}

/** A new secret; its ARN ends in six random characters, as Secrets Manager's do. */
export function newSecret(
  account: AwsAccount,
  content: { name: string; value: string; tags: Tags; description?: string; owningService?: string },
): SecretRecord {
  const now = new Date().toISOString();
  const suffix = randomBytes(8).toString('base64').replace(/[+/=]/g, 'x').slice(0, 6);
  return {
    ...content,
    arn: arnOf.secret(account, content.name, suffix),
    versionId: randomUUID(),
    createdAt: now,
    changedAt: now,
  };
}

const PASSWORD_KINDS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789'] as const;

/** A password that keeps Redshift's rules and needs no escaping in a URL. */
export function generatePassword(): string {
  const pick = (from: string): string => from.charAt(randomInt(from.length));
  const required = PASSWORD_KINDS.map(pick);
  const rest = Array.from({ length: 29 }, () => pick(PASSWORD_KINDS.join('')));
  return [...required, ...rest].join('');
}
