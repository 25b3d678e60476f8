import { AwsError } from '../control/aws/aws-error.js';
import type { S3Settings } from '../copy/s3-settings.js';
import { RedshiftError } from '../redshift-error.js';
import type { FaultBoard } from './fault-board.js';
import { REDSHIFT_FAULTS } from './redshift-faults.js';

/** Fails a call of the AWS API when credentials have expired. The code is that of the Query protocol; others have names of their own. */
export function refuseExpired(board: FaultBoard): void {
  if (board.credentialsExpired)
    throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
}

/** S3 as COPY reaches it, with the sessions of roles expired while the board says so. Keys in a statement stay valid. */
export function withExpiringRoles(settings: S3Settings, board: FaultBoard): S3Settings {
  return {
    ...settings,
    authorize: async (request) => {
      if (!board.credentialsExpired) return await settings.authorize(request);
      const { sqlstate: sqlState, message, detail } = REDSHIFT_FAULTS.expiredToken;
      throw new RedshiftError({ sqlState, message, detail: detail ?? '' });
    },
  };
}
