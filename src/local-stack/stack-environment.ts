import type { Environment } from '../config.js';
import type { StackAddresses } from './stack-record.js';

/**
 * The variables that turn the AWS SDK, the Temporal SDK and the Temporal CLI to a local stack. The empty ones switch off what
 * would win over them: the SDK ignores key variables while AWS_PROFILE is set, and a session token belongs to other keys.
 */
export function stackEnvironment(request: {
  readonly stack: Omit<StackAddresses, 'environment'>;
  /** A temporal.toml without TLS or API key, so that the user's own profile does not reach our server; absent for a Temporal of theirs. */
  readonly temporalConfigFile: string | undefined;
  /** What the variables are added to. */
  readonly base: Environment;
}): Readonly<Record<string, string>> {
  const { stack, temporalConfigFile, base } = request;
  const { controlUrl, caPath } = stack.redshift;
  return {
    ...(temporalConfigFile === undefined ? {} : ownTemporal(base, temporalConfigFile)),
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_NAMESPACE: stack.temporal.namespace,
    AWS_ENDPOINT_URL_S3: stack.s3.endpoint,
    ...(controlUrl === '' ? {} : controlPlane(controlUrl)),
    ...(caPath === '' ? {} : { STARSHIFT_REDSHIFT_CA: caPath }),
    AWS_REGION: stack.s3.region,
    AWS_DEFAULT_REGION: stack.s3.region,
    AWS_ACCESS_KEY_ID: stack.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.s3.secretAccessKey,
    AWS_SESSION_TOKEN: '',
    AWS_PROFILE: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    STARSHIFT_S3_PATH_STYLE: 'true',
    ...webUi(stack.temporal.uiUrl, base),
  };
}

/** For links in notifications and of commands. Where a person sees the UI under another address, they have said so. */
function webUi(url: string | undefined, base: Environment): Record<string, string> {
  return url === undefined || (base.STARSHIFT_UI_URL ?? '') !== '' ? {} : { STARSHIFT_UI_URL: url };
}

function ownTemporal(base: Environment, configFile: string): Record<string, string> {
  const inherited = Object.keys(base).filter((name) => name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(inherited.map((name) => [name, ''])), TEMPORAL_CONFIG_FILE: configFile };
}

/** The AWS SDK reads one endpoint variable a service; redshift-local serves them all on one address. */
function controlPlane(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_REDSHIFT: url,
    AWS_ENDPOINT_URL_IAM: url,
    AWS_ENDPOINT_URL_EC2: url,
    AWS_ENDPOINT_URL_STS: url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
  };
}
