import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import { merged, record } from '../state/record.js';
import { AWS_MANAGED_POLICIES } from './managed-policies.js';
import { parsePolicy } from './policy-document.js';
import { findRole, type IamContext, replaceRole } from './role-actions.js';

/** Inline and attached policies of roles. */
export function rolePolicyActions(context: IamContext): Record<string, QueryAction> {
  return { ...inlinePolicyActions(context), ...attachedPolicyActions(context) };
}

function inlinePolicyActions(context: IamContext): Record<string, QueryAction> {
  return {
    PutRolePolicy: (params) => {
      const role = findRole(context, params);
      const [name, document] = [params.required('PolicyName'), params.required('PolicyDocument')];
      parsePolicy(document);
      replaceRole(context, { ...role, inlinePolicies: merged(role.inlinePolicies, record([[name, document]])) });
      return {};
    },
    GetRolePolicy: (params) => {
      const role = findRole(context, params);
      const name = params.required('PolicyName');
      const document = role.inlinePolicies[name];
      if (document === undefined) throw noPolicy(name, role.name);
      return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
    },
    ListRolePolicies: (params) => {
      const names = Object.keys(findRole(context, params).inlinePolicies);
      return { IsTruncated: false, PolicyNames: { member: names } };
    },
    DeleteRolePolicy: (params) => {
      const role = findRole(context, params);
      const name = params.required('PolicyName');
      if (role.inlinePolicies[name] === undefined) throw noPolicy(name, role.name);
      const kept = Object.entries(role.inlinePolicies).filter(([other]) => other !== name);
      replaceRole(context, { ...role, inlinePolicies: record(kept) });
      return {};
    },
  };
}

function attachedPolicyActions(context: IamContext): Record<string, QueryAction> {
  return {
    AttachRolePolicy: (params) => {
      const role = findRole(context, params);
      const arn = params.required('PolicyArn');
      if (AWS_MANAGED_POLICIES[arn] === undefined) {
        const known = Object.keys(AWS_MANAGED_POLICIES).join(', ');
        const message = `Policy ${arn} does not exist or is not attachable. redshift-local knows: ${known}.`;
        throw new AwsError('NoSuchEntity', message, 404);
      }
      const attachedPolicyArns = [...new Set([...role.attachedPolicyArns, arn])];
      replaceRole(context, { ...role, attachedPolicyArns });
      return {};
    },
    DetachRolePolicy: (params) => {
      const role = findRole(context, params);
      const arn = params.required('PolicyArn');
      if (!role.attachedPolicyArns.includes(arn))
        throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
      const attachedPolicyArns = role.attachedPolicyArns.filter((attached) => attached !== arn);
      replaceRole(context, { ...role, attachedPolicyArns });
      return {};
    },
    ListAttachedRolePolicies: (params) => {
      const policies = findRole(context, params).attachedPolicyArns.map((arn) => ({
        PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
        PolicyArn: arn,
      }));
      return { IsTruncated: false, AttachedPolicies: { member: policies } };
    },
  };
}

function noPolicy(policy: string, role: string): AwsError {
  return new AwsError('NoSuchEntity', `The role policy with name ${policy} cannot be found on role ${role}.`, 404);
}
