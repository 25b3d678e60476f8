import { AwsError } from '../aws/aws-error.js';
import type { JsonObject, JsonService } from '../aws/aws-service.js';
import type { AwsAccount } from '../state/account.js';
import type { SecretRecord, Tags } from '../state/control-state.js';
import { record } from '../state/record.js';
import type { StateStore } from '../state/state-store.js';
import { newSecret } from './managed-secret.js';

/** What the Secrets Manager actions work on. */
export interface SecretsContext {
  readonly store: StateStore;
  readonly account: AwsAccount;
}

const DAY_MS = 86_400_000;

/** AWS Secrets Manager: secrets of one version, and those that Redshift manages. */
export function secretsService(context: SecretsContext): JsonService {
  return {
    protocol: 'json',
    target: 'secretsmanager',
    actions: {
      CreateSecret: (input) => createSecret(context, input),
      GetSecretValue: (input) => {
        const secret = findSecret(context, input);
        if (secret.deletedAt !== undefined) throw markedForDeletion();
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: secret.versionId,
          SecretString: secret.value,
          VersionStages: ['AWSCURRENT'],
          CreatedDate: seconds(secret.createdAt),
        };
      },
      DescribeSecret: (input) => describe(findSecret(context, input)),
      ListSecrets: () => ({ SecretList: Object.values(context.store.state.secrets).map(describe) }),
      DeleteSecret: (input) => deleteSecret(context, input),
    },
  };
}

function createSecret({ store, account }: SecretsContext, input: JsonObject): JsonObject {
  const { Name: name, SecretString: value, Description: description } = input;
  if (typeof name !== 'string' || !/^[\w/+=.@!-]{1,512}$/.test(name)) {
    throw new AwsError(
      'InvalidParameterException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or -/_+=.@!',
    );
  }
  if (typeof value !== 'string')
    throw new AwsError('InvalidParameterException', 'redshift-local keeps SecretString only.');
  if (Object.values(store.state.secrets).some((secret) => secret.name === name)) {
    throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
  }
  const tags: Tags = record(
    (Array.isArray(input.Tags) ? input.Tags : []).map(({ Key, Value }) => [String(Key), String(Value)]),
  );
  const secret = newSecret(account, { name, value, tags, ...(typeof description === 'string' && { description }) });
  store.state.secrets[secret.arn] = secret;
  store.save();
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.versionId };
}

function deleteSecret(context: SecretsContext, input: JsonObject): JsonObject {
  const { store } = context;
  const secret = findSecret(context, input);
  if (secret.owningService !== undefined) {
    const message = `You can't delete this secret: it is managed by ${secret.owningService}. Delete the cluster instead.`;
    throw new AwsError('InvalidRequestException', message);
  }
  if (input.ForceDeleteWithoutRecovery === true) {
    delete store.state.secrets[secret.arn];
    store.save();
    return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(new Date().toISOString()) };
  }
  if (secret.deletedAt !== undefined) throw markedForDeletion();
  const days = typeof input.RecoveryWindowInDays === 'number' ? input.RecoveryWindowInDays : 30;
  const deletedAt = new Date(Date.now() + days * DAY_MS).toISOString();
  store.state.secrets[secret.arn] = { ...secret, deletedAt };
  store.save();
  return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(deletedAt) };
}

/** SecretId is a name, an ARN, or an ARN without the six random characters at its end. */
function findSecret({ store }: SecretsContext, { SecretId: id }: JsonObject): SecretRecord {
  const secret = Object.values(store.state.secrets).find(
    ({ arn, name }) => id === arn || id === name || id === arn.slice(0, -7),
  );
  if (secret !== undefined) return secret;
  throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

function describe(secret: SecretRecord): JsonObject {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description !== undefined && { Description: secret.description }),
    ...(secret.deletedAt !== undefined && { DeletedDate: seconds(secret.deletedAt) }),
    ...(secret.owningService !== undefined && { OwningService: secret.owningService }),
    CreatedDate: seconds(secret.createdAt),
    LastChangedDate: seconds(secret.changedAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    VersionIdsToStages: { [secret.versionId]: ['AWSCURRENT'] },
  };
}

function markedForDeletion(): AwsError {
  return new AwsError(
    'InvalidRequestException',
    'You can’t perform this operation on the secret because it was marked for deletion.',
  );
}

/** Times of the JSON protocol are seconds since 1970. */
function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
