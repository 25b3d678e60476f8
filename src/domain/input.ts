import { z } from 'zod';
import { opensToInternet, parseCidr } from './cidr.js';
import { describeIssue, explainIssue } from './input-errors.js';

// The JIT of zod compiles with `new Function`; the workflow sandbox and strict policies do without.
z.config({ jitless: true });

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,126}$/;
const CLUSTER_IDENTIFIER = /^[a-z](?:-?[a-z0-9]){0,62}$/;
/** Not zero. */
const DURATION = /^(?=.*[1-9])\d+(\.\d+)? ?(ms|s|seconds?|m|minutes?|h|hours?|d|days?)$/;
const NODE_TYPE = /^(ra3\.(large|xlplus|4xlarge|16xlarge)|rg\.(large|xlarge|4xlarge|12xlarge))$/;

const duration = z.string().regex(DURATION, 'is not a duration; write for example "30 minutes" or "72 hours"');

/** Rules across fields are checked beside wrong fields, so that every error comes at once; what they look at may then be wrong itself. */
const BESIDE_WRONG_FIELDS = {
  when: ({ value }: { readonly value: unknown }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** `s3://bucket` or `s3://bucket/prefix/`: a folder, with or without the slash at its end. It goes into an IAM policy as it is. */
const s3Url = z
  .string()
  .regex(
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/,
    'is not an S3 URL; write for example "s3://my-bucket/music/"',
  )
  .regex(
    /^(?!.*([*?]|\$\{))/s,
    'must not contain "*", "?" or "${": in the policy of the role for COPY they would match other keys',
  );

/**
 * Where a password is kept; never the password. Environment variables must begin with STARSHIFT_PASSWORD, so that an input cannot
 * send any other variable of the worker to a host of its choice; for the same reason the worker reads only the secrets whose names its
 * setting STARSHIFT_SECRETS allows.
 */
const passwordReference = z.union([
  z.strictObject({ secretsManager: z.string().min(1) }),
  z.strictObject({
    env: z
      .string()
      .regex(/^STARSHIFT_PASSWORD[A-Z0-9_]*$/, 'must be a variable whose name begins with STARSHIFT_PASSWORD'),
  }),
]);

const source = z.strictObject({
  /** Root that the prefixes of warehouse.yaml are relative to. */
  url: s3Url,
  /** Region of the bucket, for COPY's REGION; none: the cluster's own. */
  region: z.string().min(1).optional(),
  /** Where COPY manifests are written; a bucket the worker may write. @default `.starshift/` under the source URL's bucket */
  workspace: s3Url.optional(),
});

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'is not a CIDR block; write for example "10.0.0.0/16"');

const cluster = z
  .strictObject({
    identifier: z
      .string()
      .regex(
        CLUSTER_IDENTIFIER,
        'is not a cluster identifier: 1-63 lower-case letters, digits and single hyphens, beginning with a letter',
      ),
    nodeType: z
      .string()
      .default('ra3.large')
      .superRefine((value, context) => {
        if (NODE_TYPE.test(value)) return;
        const message = value.startsWith('dc2')
          ? 'dc2 cannot be created any more (no new clusters since 2025-05-15, end of life 2026-04-24); use ra3.large or rg.large'
          : 'is not a current node type: ra3.large|xlplus|4xlarge|16xlarge or rg.large|xlarge|4xlarge|12xlarge';
        context.addIssue({ code: 'custom', message });
      }),
    nodes: z.int().min(1).max(128).default(1),
    database: z.string().regex(IDENTIFIER, 'is not a database name').default('dev'),
    adminUser: z.string().regex(IDENTIFIER, 'is not a user name').default('admin'),
    /** @default managed by Redshift in Secrets Manager */
    adminPassword: z
      .union([
        z.strictObject({ managed: z.literal(true) }),
        z.strictObject({
          env: z
            .string()
            .regex(/^STARSHIFT_PASSWORD[A-Z0-9_]*$/, 'must be a variable whose name begins with STARSHIFT_PASSWORD'),
        }),
      ])
      .default({ managed: true }),
    port: z.int().min(1115).max(65535).default(5439),
    publiclyAccessible: z.boolean().default(false),
    /** CIDR blocks that may reach the port. @default none */
    ingress: z.array(cidr).default([]),
    /** Must be true for 0.0.0.0/0, ::/0 and blocks that are nearly as large. */
    allowPublic: z.boolean().default(false),
    /** @default the account's default VPC */
    vpcId: z.string().min(1).optional(),
    subnetGroup: z.string().min(1).optional(),
    /** @default the AWS managed key; clusters are always encrypted */
    kmsKeyId: z.string().min(1).optional(),
    /** ARN of an existing role for COPY. @default a role of the cluster's own with read access to the source's buckets only */
    iamRole: z.string().startsWith('arn:').optional(),
  })
  .superRefine(({ ingress, allowPublic }, context) => {
    if (!Array.isArray(ingress) || allowPublic === true) return;
    ingress.forEach((text: unknown, index) => {
      const block = typeof text === 'string' ? parseCidr(text) : undefined;
      if (block === undefined || !opensToInternet(block)) return;
      const message = `${text} opens the cluster to the internet; name your own network, or add "allowPublic": true`;
      context.addIssue({ code: 'custom', path: ['ingress', index], message });
    });
  }, BESIDE_WRONG_FIELDS);

/** The warehouse to work on: a cluster of this account, or any endpoint that speaks Redshift. */
const target = z.union([
  z.strictObject({
    cluster: z.string().regex(CLUSTER_IDENTIFIER, 'is not a cluster identifier'),
    /** @default the secret that Redshift manages for the cluster */
    password: passwordReference.optional(),
  }),
  z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(5439),
    database: z.string().min(1),
    user: z.string().min(1),
    password: passwordReference,
    /** Role that COPY assumes: an ARN or `default`. */
    iamRole: z.string().min(1).default('default'),
  }),
]);

const warehouse = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not the name of a warehouse folder');
const schema = z.string().regex(IDENTIFIER, 'is not a schema name').default('public');
const design = z.string().min(1).optional();
const maxErrors = z.int().min(0).max(100_000).default(0);

/** What a load does with what the tables hold. */
const loading = {
  /** `full`: the rows of every table are replaced. `incremental`: only files that the ledger does not know are staged, and the star gets the difference. */
  mode: z.enum(['full', 'incremental'], 'is not a mode; write full or incremental').default('full'),
  /** Incremental loads: a file that was loaded and has another ETag now stops its step (`fail`), or its rows are replaced (`reload`). */
  onChanged: z.enum(['fail', 'reload'], 'is not a rule for changed files; write fail or reload').default('fail'),
  /** Incremental loads: S3 keys or `s3://` URLs to load again, changed or not; a quarantined file is loaded with them. */
  reload: z.array(z.string().min(1, 'must be an S3 key or URL')).default([]),
};

const RELOAD_IN_FULL = {
  code: 'custom' as const,
  path: ['reload'],
  message: 'is for incremental loads: a full load reads every file anyway; add "mode": "incremental", or leave it out',
};

/** Beside wrong fields the values may be anything; a mode that is none has an error of its own. */
function reloadsInFull({ mode, reload }: { readonly mode?: unknown; readonly reload?: unknown }): boolean {
  return (mode === undefined || mode === 'full') && Array.isArray(reload) && reload.length > 0;
}

const concurrency = {
  /** Another run works on the same warehouse, schema and database: wait until it has ended, or fail at once. */
  whenBusy: z.enum(['wait', 'fail'], 'is not a way to meet another run; write wait or fail').default('wait'),
};

const failureHandling = {
  /** `park`: a failed step waits for retryStep, skipStep or abort. `fail`: the run ends. */
  onFailure: z.enum(['park', 'fail']).default('park'),
  /** How long a parked step waits before the run fails. */
  decisionTimeout: duration.default('72 hours'),
};

const teardown = z.strictObject({
  /** Name of the snapshot to take before the cluster is deleted. @default none */
  finalSnapshot: z.string().min(1).max(255).optional(),
});

export const provisionWarehouseInput = z.strictObject({
  cluster,
  /** Names the buckets that the cluster's role may read. */
  source,
  ...failureHandling,
});

export const createTablesInput = z.strictObject({
  target,
  warehouse,
  design,
  schema,
  /** Drop the tables first. Without it existing tables stay as they are. */
  recreate: z.boolean().default(false),
  ...concurrency,
  ...failureHandling,
});

export const loadWarehouseInput = z
  .strictObject({
    target,
    warehouse,
    schema,
    source,
    maxErrors,
    ...loading,
    ...concurrency,
    ...failureHandling,
  })
  .superRefine((value, context) => {
    if (reloadsInFull(value)) context.addIssue(RELOAD_IN_FULL);
  }, BESIDE_WRONG_FIELDS);

export const checkWarehouseInput = z.strictObject({
  target,
  warehouse,
  schema,
  ...concurrency,
  ...failureHandling,
});

export const teardownWarehouseInput = z.strictObject({
  cluster: z.string().regex(CLUSTER_IDENTIFIER, 'is not a cluster identifier'),
  ...teardown.shape,
  ...failureHandling,
});

export const buildWarehouseInput = z
  .strictObject({
    warehouse,
    design,
    schema,
    source,
    /** Provision this cluster (or adopt it, when it is ours). Exactly one of `cluster` and `target`. */
    cluster: cluster.optional(),
    /** Use what exists. */
    target: target.optional(),
    recreate: z.boolean().default(false),
    maxErrors,
    ...loading,
    ...concurrency,
    /** Tear the cluster down after the checks; only with `cluster`. */
    teardown: teardown.optional(),
    ...failureHandling,
  })
  .superRefine((value, context) => {
    if ((value.cluster === undefined) === (value.target === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['cluster'],
        message: 'give either "cluster" (provision) or "target" (use what exists)',
      });
    }
    if (value.teardown !== undefined && value.cluster === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['teardown'],
        message: 'is only possible with "cluster": a target is never deleted',
      });
    }
    if (reloadsInFull(value)) context.addIssue(RELOAD_IN_FULL);
  }, BESIDE_WRONG_FIELDS);

export type Target = z.output<typeof target>;
export type ClusterSpec = z.output<typeof cluster>;
export type LoadMode = z.output<typeof loading.mode>;
export type OnChanged = z.output<typeof loading.onChanged>;
export type WhenBusy = z.output<typeof concurrency.whenBusy>;
export type Source = z.output<typeof source>;
export type PasswordReference = z.output<typeof passwordReference>;
export type ProvisionWarehouseInput = z.output<typeof provisionWarehouseInput>;
export type CreateTablesInput = z.output<typeof createTablesInput>;
export type LoadWarehouseInput = z.output<typeof loadWarehouseInput>;
export type CheckWarehouseInput = z.output<typeof checkWarehouseInput>;
export type TeardownWarehouseInput = z.output<typeof teardownWarehouseInput>;
export type BuildWarehouseInput = z.output<typeof buildWarehouseInput>;

/** Every workflow's input schema by the name typed into the Temporal CLI; the CLI validates with it before it starts a run. */
export const INPUT_SCHEMAS = {
  buildWarehouse: buildWarehouseInput,
  provisionWarehouse: provisionWarehouseInput,
  createTables: createTablesInput,
  loadWarehouse: loadWarehouseInput,
  checkWarehouse: checkWarehouseInput,
  teardownWarehouse: teardownWarehouseInput,
} as const;

/**
 * Parses a workflow's input and fills in the defaults. Errors come all at once, a line each: `cluster.nodeType: is not ...`.
 */
export function parseInput<Schema extends z.ZodType>(
  inputSchema: Schema,
  value: unknown,
): { readonly input: z.output<Schema> } | { readonly errors: readonly string[] } {
  const parsed = inputSchema.safeParse(value ?? {}, { error: explainIssue });
  if (parsed.success) return { input: parsed.data };
  return { errors: parsed.error.issues.flatMap((issue) => describeIssue(issue, [])) };
}
