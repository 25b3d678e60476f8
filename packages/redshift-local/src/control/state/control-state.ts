/** Tags of a resource, by key. */
export type Tags = Readonly<Record<string, string>>;

/** The states of a cluster, as the API names them. */
export type ClusterStatus =
  | 'creating'
  | 'available'
  | 'modifying'
  | 'rebooting'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'final-snapshot'
  | 'deleting'
  | 'hardware-failure';

/** A cluster, with all that is needed to bring it back after a restart. */
export interface ClusterRecord {
  readonly identifier: string;
  readonly nodeType: string;
  readonly numberOfNodes: number;
  readonly masterUsername: string;
  /** SCRAM-SHA-256 verifier of the admin password; the password itself is only kept when it is managed, in the secret. */
  readonly masterVerifier: string;
  readonly masterSecretArn?: string;
  readonly dbName: string;
  /** The port the SQL endpoint listens on, or will when it runs again. */
  readonly port: number;
  readonly status: ClusterStatus;
  readonly createdAt: string;
  readonly roleArns: readonly string[];
  readonly defaultRoleArn?: string;
  readonly securityGroupIds: readonly string[];
  readonly subnetGroupName: string;
  readonly parameterGroupName: string;
  readonly publiclyAccessible: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly enhancedVpcRouting: boolean;
  readonly allowVersionUpgrade: boolean;
  readonly automatedSnapshotRetentionDays: number;
  readonly manualSnapshotRetentionDays: number;
  readonly maintenanceWindow: string;
  readonly availabilityZone: string;
  readonly tags: Tags;
  readonly namespaceId: string;
  /** The compatibility schema in its databases. */
  readonly catalogVersion: string;
  /** What a restart has to finish: the snapshot to restore from while creating, the final one while deleting. */
  readonly restoringFrom?: string;
  readonly finalSnapshot?: string;
}

/** A snapshot: a stopped copy of a cluster's data folder, and the cluster as it was. */
export interface SnapshotRecord {
  readonly identifier: string;
  readonly status: 'creating' | 'available';
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly cluster: ClusterRecord;
  readonly tags: Tags;
}

/** An IAM role. Policies are kept as the documents that were sent. */
export interface RoleRecord {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: string;
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicyArns: readonly string[];
  readonly tags: Tags;
}

/** One source or destination that a security group lets through. */
export interface IngressRule {
  readonly id: string;
  readonly protocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidr?: string;
  readonly cidrV6?: string;
  readonly groupId?: string;
  readonly description?: string;
}

/** An EC2 security group. Its rules are recorded, not enforced: the endpoints only listen on this machine. */
export interface SecurityGroupRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly ingress: readonly IngressRule[];
  readonly tags: Tags;
}

/** A secret and its current version. */
export interface SecretRecord {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly value: string;
  readonly versionId: string;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly deletedAt?: string;
  /** `redshift` for the admin password of a cluster, which only Redshift may delete. */
  readonly owningService?: string;
  readonly tags: Tags;
}

/** All that the control plane remembers. */
export interface ControlState {
  readonly version: 1;
  clusters: Record<string, ClusterRecord>;
  snapshots: Record<string, SnapshotRecord>;
  roles: Record<string, RoleRecord>;
  securityGroups: Record<string, SecurityGroupRecord>;
  /** By ARN. */
  secrets: Record<string, SecretRecord>;
}
