import { AwsError } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import { SUBNETS, VPC_ID } from '../ec2/network.js';
import { NODE_TYPE_NAMES, nodeType } from './node-types.js';
import type { RedshiftContext } from './redshift-context.js';

/** Listings of what every account has: the default subnet and parameter groups, and the node types on offer. */
export function catalogueActions({ account }: RedshiftContext): Record<string, QueryAction> {
  const zones = SUBNETS.map(({ zone }) => ({ Name: `${account.region}${zone}` }));
  return {
    DescribeClusterSubnetGroups: (params) => {
      const name = params.text('ClusterSubnetGroupName') ?? 'default';
      if (name !== 'default')
        throw new AwsError('ClusterSubnetGroupNotFoundFault', `Cluster subnet group ${name} not found.`);
      const subnets = SUBNETS.map(({ id, zone }) => ({
        SubnetIdentifier: id,
        SubnetAvailabilityZone: { Name: `${account.region}${zone}` },
        SubnetStatus: 'Active',
      }));
      const group = {
        ClusterSubnetGroupName: name,
        Description: 'default',
        VpcId: VPC_ID,
        SubnetGroupStatus: 'Complete',
      };
      return { ClusterSubnetGroups: { ClusterSubnetGroup: { ...group, Subnets: { Subnet: subnets }, Tags: {} } } };
    },
    DescribeClusterParameterGroups: () => ({
      ParameterGroups: {
        ClusterParameterGroup: {
          ParameterGroupName: 'default.redshift-2.0',
          ParameterGroupFamily: 'redshift-2.0',
          Description: 'Default parameter group for redshift-2.0',
          Tags: {},
        },
      },
    }),
    DescribeOrderableClusterOptions: (params) => {
      const wanted = params.text('NodeType');
      const names = NODE_TYPE_NAMES.filter((name) => !wanted || name === wanted);
      const options = names.flatMap((name) =>
        (['single-node', 'multi-node'] as const)
          .filter((kind) => kind === 'multi-node' || nodeType(name).minNodes === 1)
          .map((kind) => ({
            ClusterVersion: '1.0',
            ClusterType: kind,
            NodeType: name,
            AvailabilityZones: { AvailabilityZone: zones },
          })),
      );
      return { OrderableClusterOptions: { OrderableClusterOption: options } };
    },
  };
}
