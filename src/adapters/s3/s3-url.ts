/** A bucket and a key or prefix in it. */
export interface S3Location {
  readonly bucket: string;
  /** Without a leading slash; empty for the whole bucket. */
  readonly key: string;
}

/** Reads `s3://bucket/key`. @throws Error for anything else; inputs are validated before they come here */
export function parseS3Url(url: string): S3Location {
  const found = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(url);
  if (found?.[1] === undefined) throw new Error(`${url} is not an S3 URL.`);
  return { bucket: found[1], key: found[2] ?? '' };
}

/** `s3://bucket/key`. */
export function formatS3Url({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** A path below a root URL; the root is taken to be a folder. */
export function joinS3Url(root: string, path: string): string {
  return `${root.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

/** The URL as the folder that `joinS3Url` takes it for: with one slash at its end. */
export function folderUrl(url: string): string {
  return joinS3Url(url, '');
}

/** Where a run's COPY manifests go. @default `.starshift/` in the source's bucket */
export function workspaceUrl(source: { readonly url: string; readonly workspace?: string | undefined }): string {
  return folderUrl(source.workspace ?? `s3://${parseS3Url(source.url).bucket}/.starshift`);
}
