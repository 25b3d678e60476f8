import { AwsError } from '../aws/aws-error.js';
import type { QueryAction, QueryService } from '../aws/aws-service.js';
import type { QueryParams } from '../aws/query-params.js';
import { merged } from '../state/record.js';
import { readTags } from '../state/tags.js';
import { matchesFilters } from './ec2-filters.js';
import { SUBNETS, VPC_CIDR, VPC_ID } from './network.js';
import { type Ec2Context, securityGroupActions } from './security-group-actions.js';

/** Amazon EC2, version 2016-11-15: security groups, and the default VPC to put them in. */
export function ec2Service(context: Ec2Context): QueryService {
  return {
    protocol: 'ec2',
    version: '2016-11-15',
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    actions: {
      ...securityGroupActions(context),
      ...networkActions(context),
      CreateTags: (params) => createTags(context, params),
    },
  };
}

function networkActions({ account }: Ec2Context): Record<string, QueryAction> {
  return {
    DescribeVpcs: (params) => {
      const fields = { 'vpc-id': VPC_ID, 'is-default': 'true', isDefault: 'true', state: 'available', cidr: VPC_CIDR };
      const unknown = params.list('VpcId').find((id) => id !== VPC_ID);
      if (unknown) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${unknown}' does not exist`);
      if (!matchesFilters({ tags: {}, fields }, params)) return { vpcSet: {} };
      const vpc = {
        vpcId: VPC_ID,
        ownerId: account.id,
        state: 'available',
        cidrBlock: VPC_CIDR,
        isDefault: true,
        instanceTenancy: 'default',
      };
      return { vpcSet: { item: vpc } };
    },
    DescribeSubnets: (params) => {
      const ids = params.list('SubnetId');
      const unknown = ids.find((id) => !SUBNETS.some((subnet) => subnet.id === id));
      if (unknown) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${unknown}' does not exist`);
      const subnets = SUBNETS.filter(({ id }) => ids.length === 0 || ids.includes(id))
        .map(({ id, cidr, zone }) => ({ id, cidr, zone: `${account.region}${zone}` }))
        .filter(({ id, zone }) => {
          const fields = {
            'subnet-id': id,
            'vpc-id': VPC_ID,
            'availability-zone': zone,
            'default-for-az': 'true',
            state: 'available',
          };
          return matchesFilters({ tags: {}, fields }, params);
        })
        .map(({ id, cidr, zone }) => ({
          subnetId: id,
          vpcId: VPC_ID,
          ownerId: account.id,
          state: 'available',
          cidrBlock: cidr,
          availableIpAddressCount: 4091,
          availabilityZone: zone,
          defaultForAz: true,
        }));
      return { subnetSet: { item: subnets } };
    },
  };
}

function createTags({ store }: Ec2Context, params: QueryParams) {
  const tags = readTags(params, 'Tag');
  const groups = params.list('ResourceId').map((id) => {
    const group = store.state.securityGroups[id];
    if (group === undefined)
      throw new AwsError('InvalidID', `The ID '${id}' is not valid: redshift-local tags security groups only`);
    return group;
  });
  for (const group of groups) store.state.securityGroups[group.id] = { ...group, tags: merged(group.tags, tags) };
  store.save();
  return { return: true };
}
