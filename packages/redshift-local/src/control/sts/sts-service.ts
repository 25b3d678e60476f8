import { randomBytes } from 'node:crypto';
import { AwsError, invalidValue } from '../aws/aws-error.js';
import type { QueryService } from '../aws/aws-service.js';
import type { QueryParams } from '../aws/query-params.js';
import type { KnownKey } from '../aws/sigv4.js';
import { type AwsAccount, arnOf, roleNameOf } from '../state/account.js';
import type { StateStore } from '../state/state-store.js';

/** What the STS actions work on. */
export interface StsContext {
  readonly store: StateStore;
  readonly account: AwsAccount;
  /** Makes temporary keys valid until they expire; they are forgotten with the process. */
  enterSession(accessKeyId: string, key: KnownKey, expiresAt: Date): void;
}

/** AWS Security Token Service, version 2011-06-15. */
export function stsService(context: StsContext): QueryService {
  return {
    protocol: 'query',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    actions: {
      GetCallerIdentity: (_, { caller }) => ({
        Arn: caller.key.arn,
        UserId: caller.key.userId,
        Account: context.account.id,
      }),
      AssumeRole: (params) => assumeRole(context, params),
    },
  };
}

function assumeRole({ store, account, enterSession }: StsContext, params: QueryParams) {
  const [arn, session] = [params.required('RoleArn'), params.required('RoleSessionName')];
  const role = store.state.roles[roleNameOf(arn)];
  if (role === undefined || arnOf.role(account, role.path, role.name) !== arn) {
    throw new AwsError('AccessDenied', `User is not authorized to perform: sts:AssumeRole on resource: ${arn}`, 403);
  }
  const seconds = params.integer('DurationSeconds') ?? 3600;
  if (seconds < 900 || seconds > role.maxSessionSeconds) throw invalidValue(`Invalid DurationSeconds: ${seconds}.`);
  const expiresAt = new Date(Date.now() + seconds * 1000);
  const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const key = {
    secretAccessKey: randomBytes(30).toString('base64url'),
    sessionToken: randomBytes(96).toString('base64url'),
    arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${session}`,
    userId: `${role.id}:${session}`,
  };
  enterSession(accessKeyId, key, expiresAt);
  const { secretAccessKey, sessionToken } = key;
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expiresAt,
    },
    AssumedRoleUser: { AssumedRoleId: key.userId, Arn: key.arn },
  };
}
