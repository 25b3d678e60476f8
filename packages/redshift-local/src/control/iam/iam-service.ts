import type { QueryService } from '../aws/aws-service.js';
import { type IamContext, roleActions } from './role-actions.js';
import { rolePolicyActions } from './role-policy-actions.js';

/** AWS Identity and Access Management, version 2010-05-08: roles and their policies. */
export function iamService(context: IamContext): QueryService {
  return {
    protocol: 'query',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    actions: { ...roleActions(context), ...rolePolicyActions(context) },
  };
}
