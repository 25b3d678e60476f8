/** The default VPC of the local account: clusters and security groups belong to it. */
export const VPC_ID = 'vpc-0a1b2c3d4e5f60718';

/** Its addresses. Nothing is routed there: the endpoints listen on this machine. */
export const VPC_CIDR = '172.31.0.0/16';

/** One subnet of the default VPC. */
export interface Subnet {
  readonly id: string;
  readonly cidr: string;
  /** Appended to the region's name. */
  readonly zone: string;
}

/** A subnet in each of three zones. */
export const SUBNETS: readonly Subnet[] = [
  { id: 'subnet-0a1b2c3d4e5f60001', cidr: '172.31.0.0/20', zone: 'a' },
  { id: 'subnet-0a1b2c3d4e5f60002', cidr: '172.31.16.0/20', zone: 'b' },
  { id: 'subnet-0a1b2c3d4e5f60003', cidr: '172.31.32.0/20', zone: 'c' },
];

/** The security group that every VPC has and nobody can delete. */
export const DEFAULT_GROUP_ID = 'sg-0a1b2c3d4e5f60718';
