import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import type { QueryParams } from '../aws/query-params.js';
import type { XmlRecord } from '../aws/xml.js';
import { type AwsAccount, arnOf } from '../state/account.js';
import type { RoleRecord } from '../state/control-state.js';
import { merged, record } from '../state/record.js';
import type { StateStore } from '../state/state-store.js';
import { readTags, tagList, withoutTags } from '../state/tags.js';
import { parsePolicy } from './policy-document.js';

/** What the IAM actions work on. */
export interface IamContext {
  readonly store: StateStore;
  readonly account: AwsAccount;
}

/** Roles and their tags. */
export function roleActions(context: IamContext): Record<string, QueryAction> {
  const { store } = context;
  const answer = (role: RoleRecord) => ({ Role: roleXml(context, role) });
  return {
    CreateRole: (params) => answer(createRole(context, params)),
    GetRole: (params) => answer(findRole(context, params)),
    ListRoles: (params) => {
      const prefix = params.text('PathPrefix') ?? '/';
      const roles = Object.values(store.state.roles).filter(({ path }) => path.startsWith(prefix));
      return { IsTruncated: false, Roles: { member: roles.map((role) => roleXml(context, role)) } };
    },
    DeleteRole: (params) => deleteRole(context, params),
    UpdateAssumeRolePolicy: (params) => {
      const trustPolicy = params.required('PolicyDocument');
      parsePolicy(trustPolicy);
      replaceRole(context, { ...findRole(context, params), trustPolicy });
      return {};
    },
    TagRole: (params) => {
      const role = findRole(context, params);
      replaceRole(context, { ...role, tags: merged(role.tags, readTags(params)) });
      return {};
    },
    UntagRole: (params) => {
      const role = findRole(context, params);
      replaceRole(context, { ...role, tags: withoutTags(role.tags, params.list('TagKeys')) });
      return {};
    },
    ListRoleTags: (params) => ({ IsTruncated: false, Tags: { member: tagList(findRole(context, params).tags) } }),
    ListInstanceProfilesForRole: (params) => {
      findRole(context, params);
      return { IsTruncated: false, InstanceProfiles: {} };
    },
  };
}

/** The role named by RoleName. Throws NoSuchEntity. */
export function findRole({ store }: IamContext, params: QueryParams): RoleRecord {
  const name = params.required('RoleName');
  const role = store.state.roles[name];
  if (role === undefined) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  return role;
}

/** Puts a changed role in the place of the old one and saves. */
export function replaceRole({ store }: IamContext, role: RoleRecord): void {
  store.state.roles[role.name] = role;
  store.save();
}

function createRole(context: IamContext, params: QueryParams): RoleRecord {
  const name = params.required('RoleName');
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    throw new AwsError('ValidationError', `The role name "${name}" is not valid: 1 to 64 letters, digits or _+=,.@-`);
  }
  if (context.store.state.roles[name] !== undefined) {
    throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
  }
  const trustPolicy = params.required('AssumeRolePolicyDocument');
  parsePolicy(trustPolicy);
  const description = params.text('Description');
  const role: RoleRecord = {
    name,
    path: params.text('Path') ?? '/',
    id: `AROA${randomBytes(12).toString('hex').slice(0, 17).toUpperCase()}`,
    createdAt: new Date().toISOString(),
    trustPolicy,
    ...(description !== undefined && { description }),
    maxSessionSeconds: params.integer('MaxSessionDuration') ?? 3600,
    inlinePolicies: record(),
    attachedPolicyArns: [],
    tags: readTags(params),
  };
  replaceRole(context, role);
  return role;
}

function deleteRole(context: IamContext, params: QueryParams): XmlRecord {
  const role = findRole(context, params);
  if (role.attachedPolicyArns.length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
  }
  if (Object.keys(role.inlinePolicies).length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  }
  delete context.store.state.roles[role.name];
  context.store.save();
  return {};
}

function roleXml({ account }: IamContext, role: RoleRecord): XmlRecord {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: arnOf.role(account, role.path, role.name),
    CreateDate: role.createdAt,
    // IAM answers policy documents URL-encoded (RFC 3986).
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    Tags: { member: tagList(role.tags) },
  };
}
