import { AwsError, invalidValue } from '../aws/aws-error.js';

/** One node type of Redshift. */
export interface NodeType {
  readonly slices: number;
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly storageMegabytes: number;
}

const TERABYTE = 1024 * 1024;

/**
 * The node types of today (MG, "Clusters and nodes in Amazon Redshift"). The figures of the rg family are unsure: AWS had published
 * its sizes, but no table of slices and node counts, when this was written; they follow the ra3 type each replaces.
 */
const NODE_TYPES: Readonly<Record<string, NodeType>> = {
  'ra3.large': { slices: 2, minNodes: 1, maxNodes: 16, storageMegabytes: TERABYTE },
  'ra3.xlplus': { slices: 2, minNodes: 1, maxNodes: 16, storageMegabytes: 32 * TERABYTE },
  'ra3.4xlarge': { slices: 4, minNodes: 1, maxNodes: 32, storageMegabytes: 128 * TERABYTE },
  'ra3.16xlarge': { slices: 16, minNodes: 2, maxNodes: 128, storageMegabytes: 128 * TERABYTE },
  'rg.large': { slices: 2, minNodes: 1, maxNodes: 16, storageMegabytes: TERABYTE },
  'rg.xlarge': { slices: 2, minNodes: 1, maxNodes: 16, storageMegabytes: 32 * TERABYTE },
  'rg.4xlarge': { slices: 4, minNodes: 1, maxNodes: 32, storageMegabytes: 128 * TERABYTE },
  'rg.12xlarge': { slices: 16, minNodes: 2, maxNodes: 128, storageMegabytes: 128 * TERABYTE },
};

/** Families that AWS no longer creates, and since when. */
const RETIRED: Readonly<Record<string, string>> = {
  dc2: 'since 2025-05-15',
  dc1: 'for years',
  ds2: 'for years',
};

/** The names of the node types a cluster can be created with. */
export const NODE_TYPE_NAMES: readonly string[] = Object.keys(NODE_TYPES);

/** Looks a node type up. Throws InvalidParameterValue for a retired or unknown one. */
export function nodeType(name: string): NodeType {
  const found = Object.hasOwn(NODE_TYPES, name) ? NODE_TYPES[name] : undefined;
  if (found !== undefined) return found;
  const family = name.split('.')[0] ?? '';
  const retired = Object.hasOwn(RETIRED, family) ? RETIRED[family] : undefined;
  if (retired !== undefined) {
    throw invalidValue(`Node type ${name} has not been available for new clusters ${retired}. Use ra3 or rg nodes.`);
  }
  throw invalidValue(`Invalid node type: ${name}. Valid node types: ${NODE_TYPE_NAMES.join(', ')}.`);
}

/** Checks and completes ClusterType and NumberOfNodes. Throws AwsError for a combination that Redshift refuses. */
export function nodeCount(typeName: string, clusterType: string | undefined, requested: number | undefined): number {
  const type = nodeType(typeName);
  const kind = clusterType ?? ((requested ?? 1) > 1 ? 'multi-node' : 'single-node');
  if (kind !== 'single-node' && kind !== 'multi-node') throw invalidValue(`Invalid cluster type: ${kind}`);
  if (kind === 'single-node' && (requested ?? 1) !== 1) {
    throw new AwsError('InvalidParameterCombination', 'Number of nodes for cluster type single-node must be 1.');
  }
  if (kind === 'multi-node' && (requested ?? 0) < 2) {
    const message = 'Number of nodes for cluster type multi-node must be greater than or equal to 2.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  const count = requested ?? 1;
  if (count > type.maxNodes) {
    const message = `A cluster of ${typeName} nodes can have at most ${type.maxNodes} nodes.`;
    throw new AwsError('NumberOfNodesPerClusterLimitExceeded', message);
  }
  if (count < type.minNodes)
    throw invalidValue(`A cluster of ${typeName} nodes needs at least ${type.minNodes} nodes.`);
  return count;
}
