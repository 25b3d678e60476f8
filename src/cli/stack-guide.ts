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
    'Commands of starshift find this stack by themselves. For the Temporal CLI and the AWS CLI, paste:',
    `  source ${shellQuote(environmentFilePath(stack.stateDir))}`,
    '',
    'Then, for example:',
    '  temporal workflow start --task-queue starshift --type buildWarehouse --workflow-id build-1 --input-file examples/build-warehouse.json',
    '  temporal workflow result --workflow-id build-1',
    '  psql "$(npx starshift dsn starshift-demo)"',
    '  aws redshift describe-clusters',
    '  npx starshift status',
    '',
    'Everything stays up until Ctrl-C.',
  ];
}
