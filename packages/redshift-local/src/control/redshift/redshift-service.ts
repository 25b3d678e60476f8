import type { QueryService } from '../aws/aws-service.js';
import { catalogueActions } from './catalogue-actions.js';
import { clusterActions } from './cluster-actions.js';
import { credentialActions } from './credential-actions.js';
import type { RedshiftContext } from './redshift-context.js';
import { snapshotActions } from './snapshot-actions.js';
import { tagActions } from './tag-actions.js';

/** Amazon Redshift's API, version 2012-12-01. */
export function redshiftService(context: RedshiftContext): QueryService {
  return {
    protocol: 'query',
    version: '2012-12-01',
    namespace: 'http://redshift.amazonaws.com/doc/2012-12-01/',
    actions: {
      ...clusterActions(context),
      ...snapshotActions(context),
      ...credentialActions(context),
      ...tagActions(context),
      ...catalogueActions(context),
    },
  };
}
