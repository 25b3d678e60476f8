import type { AwsKeys, S3AuthorizationRequest, S3Settings } from '../../copy/s3-settings.js';
import { RedshiftError } from '../../redshift-error.js';
import { arnOf, roleNameOf } from '../state/account.js';
import type { ClusterRecord, RoleRecord } from '../state/control-state.js';
import { AWS_MANAGED_POLICIES } from './managed-policies.js';
import { isAllowed, type PolicyStatement, parsePolicy, trusts } from './policy-document.js';
import type { IamContext } from './role-actions.js';

/** SQLSTATE of the errors that Redshift's storage layer raises ("internal error"). */
const INTERNAL_ERROR = 'XX000';

/** What decides whether a cluster may read from or write to S3. */
export interface S3AuthorizationOptions extends IamContext {
  /** The cluster as it is now: roles are attached and detached while it runs. */
  cluster(): ClusterRecord;
  /** The keys of the local S3 server. */
  readonly keys: AwsKeys;
}

/**
 * Answers whether the cluster may do one thing on S3 with the role that a COPY or UNLOAD names: the role must be attached to the
 * cluster, exist, trust Redshift, and have a policy that allows it. Throws RedshiftError as Redshift words it.
 */
export function s3Authorization(options: S3AuthorizationOptions): S3Settings['authorize'] {
  return async (request) => {
    const cluster = options.cluster();
    const arns = roleChain(cluster, request);
    const [first] = arns;
    if (first !== undefined && !cluster.roleArns.includes(first)) {
      throw refusal(`The requested role ${first} is not associated to cluster`, 30000);
    }
    const roles = arns.map((arn) => assumedRole(options, cluster, arn));
    const last = roles.at(-1);
    if (last === undefined || !isAllowed(rolePolicies(last), request)) {
      throw refusal(
        `S3ServiceException:Access Denied,Status 403,Error AccessDenied: ` +
          `no policy of ${arns.at(-1)} allows ${request.action} on ${request.resource}`,
        8001,
      );
    }
    return options.keys;
  };
}

function roleChain(cluster: ClusterRecord, { credential }: S3AuthorizationRequest): readonly string[] {
  if (credential.kind === 'role') return credential.arns;
  if (cluster.defaultRoleArn !== undefined) return [cluster.defaultRoleArn];
  throw refusal('Cluster does not have default IAM role', 30000);
}

function assumedRole(options: S3AuthorizationOptions, cluster: ClusterRecord, arn: string): RoleRecord {
  const role = options.store.state.roles[roleNameOf(arn)];
  const known = role !== undefined && arnOf.role(options.account, role.path, role.name) === arn;
  if (known && trusts(parsePolicy(role.trustPolicy), 'redshift.amazonaws.com')) return role;
  const user = arnOf.dbUser(options.account, cluster.identifier, cluster.masterUsername);
  throw refusal(`User ${user} is not authorized to assume IAM Role ${arn}`, 8001);
}

function rolePolicies(role: RoleRecord): PolicyStatement[] {
  const attached = role.attachedPolicyArns
    .map((arn) => AWS_MANAGED_POLICIES[arn])
    .filter((document) => document !== undefined);
  return [...Object.values(role.inlinePolicies), ...attached].flatMap(parsePolicy);
}

/** Redshift puts the particulars of such an error in a block of its own in DETAIL. */
function refusal(message: string, code: number): RedshiftError {
  const rule = '-----------------------------------------------';
  return new RedshiftError({
    sqlState: INTERNAL_ERROR,
    message,
    detail: `\n  ${rule}\n  error:  ${message}\n  code:      ${code}\n  ${rule}`,
  });
}
