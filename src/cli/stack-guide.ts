import { environmentFilePath } from '../local-stack/environment-file.js';
import type { LocalStack } from '../local-stack/start-local-stack.js';
import { shellQuote } from './format.js';

/** Addresses of a running stack and what to paste into another terminal to use it. */
export function stackGuide(stack: LocalStack): string[] {
  const { temporal, s3, redshift } = stack;
  return [
    '',
    `Temporal            ${temporal.address} (namespace ${temporal.namespace})`,
    `Temporal Web UI     ${temporal.uiUrl ?? 'not found'}`,
    `S3                  ${s3.endpoint} (region ${s3.region})`,
    `Redshift, IAM, ...  ${redshift.controlUrl}`,
    `Redshift CA         ${redshift.caPath}`,
    '',
    'Commands of starshift find this stack by themselves. For the Temporal CLI, the AWS CLI and psql, paste:',
    `  source ${shellQuote(environmentFilePath(stack.stateDir))}`,
    '',
    'Then, for example:',
    '  temporal workflow start --task-queue starshift --type buildWarehouse --input-file examples/build-warehouse.json',
    '  aws redshift describe-clusters',
    '  npx starshift status',
    '',
    'Everything stays up until Ctrl-C.',
  ];
}
