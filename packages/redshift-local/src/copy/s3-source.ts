export type { AwsCredential, AwsKeys, S3AuthorizationRequest, S3Settings } from './s3-settings.js';

import type { CopyCommand } from './copy-command.js';
import { copyError, type StatementContext } from './copy-error.js';
import { readManifest } from './manifest.js';
import type { S3Access, S3Object } from './s3-access.js';

/** What the objects of a COPY are found with. */
export interface SourceRequest {
  readonly command: Pick<CopyCommand, 'source' | 'manifest'>;
  readonly access: S3Access;
  readonly statement: StatementContext;
}

/**
 * The objects a COPY loads: every key with the prefix, or the entries of the manifest. Throws RedshiftError when there is none,
 * as Redshift does.
 */
export async function findObjects({ command, access, statement }: SourceRequest): Promise<S3Object[]> {
  if (command.manifest) return readManifest({ location: command.source, access, statement });
  const objects: S3Object[] = [];
  for await (const object of access.list(command.source)) objects.push(object);
  if (objects.length === 0) {
    throw copyError(statement, { message: `The specified S3 prefix '${command.source.key}' does not exist` });
  }
  return objects;
}
