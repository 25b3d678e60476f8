/** The account and region that this control plane plays. */
export interface AwsAccount {
  /** Twelve digits. */
  readonly id: string;
  readonly region: string;
}

/** ARNs of the account's resources, as the services build them. */
export const arnOf = {
  cluster: ({ id, region }: AwsAccount, cluster: string) => `arn:aws:redshift:${region}:${id}:cluster:${cluster}`,
  namespace: ({ id, region }: AwsAccount, namespace: string) =>
    `arn:aws:redshift:${region}:${id}:namespace:${namespace}`,
  snapshot: ({ id, region }: AwsAccount, cluster: string, snapshot: string) =>
    `arn:aws:redshift:${region}:${id}:snapshot:${cluster}/${snapshot}`,
  dbUser: ({ id, region }: AwsAccount, cluster: string, user: string) =>
    `arn:aws:redshift:${region}:${id}:dbuser:${cluster}/${user}`,
  role: ({ id }: AwsAccount, path: string, name: string) => `arn:aws:iam::${id}:role${path}${name}`,
  user: ({ id }: AwsAccount, name: string) => `arn:aws:iam::${id}:user/${name}`,
  secret: ({ id, region }: AwsAccount, name: string, suffix: string) =>
    `arn:aws:secretsmanager:${region}:${id}:secret:${name}-${suffix}`,
  securityGroup: ({ id, region }: AwsAccount, group: string) => `arn:aws:ec2:${region}:${id}:security-group/${group}`,
} as const;

/** The name part of a role's ARN (its last path segment). */
export function roleNameOf(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
