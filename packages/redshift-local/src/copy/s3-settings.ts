/** Keys that sign requests to S3. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The credential a COPY or UNLOAD names: literal keys, the cluster's default role, or a chain of role ARNs. */
export type AwsCredential =
  | { readonly kind: 'keys'; readonly keys: AwsKeys }
  | { readonly kind: 'default-role' }
  | { readonly kind: 'role'; readonly arns: readonly string[] };

/** Asks the control plane for keys that may do one thing. */
export interface S3AuthorizationRequest {
  readonly credential: Exclude<AwsCredential, { kind: 'keys' }>;
  readonly action: 's3:ListBucket' | 's3:GetObject' | 's3:PutObject';
  /** `arn:aws:s3:::bucket` for ListBucket, `arn:aws:s3:::bucket/key` otherwise. */
  readonly resource: string;
}

/** How the endpoint reaches S3 and who may read what. */
export interface S3Settings {
  /** For example `http://127.0.0.1:7070`. */
  readonly endpoint: string;
  /** The region of the cluster; COPY without REGION reads from it. */
  readonly region: string;
  readonly forcePathStyle: boolean;
  /**
   * Gives the keys for one action on one resource, or throws RedshiftError when the role is not attached to the cluster, does
   * not exist, or no policy of it allows the action. Called once for each object, so it should be cheap.
   * Literal keys are used as they are and never come here.
   */
  authorize(request: S3AuthorizationRequest): Promise<AwsKeys>;
  /**
   * The region a bucket lives in, when the control plane knows it. Without it, the region S3 answers with is used
   * (`x-amz-bucket-region`), and failing that every bucket is taken to be in `region`.
   */
  bucketRegion?(bucket: string): Promise<string | undefined>;
}
