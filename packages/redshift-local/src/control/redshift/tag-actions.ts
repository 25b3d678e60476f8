import { AwsError, invalidValue } from '../aws/aws-error.js';
import type { QueryAction } from '../aws/aws-service.js';
import { pageOf } from '../aws/paging.js';
import type { QueryParams } from '../aws/query-params.js';
import { arnOf } from '../state/account.js';
import type { Tags } from '../state/control-state.js';
import { merged } from '../state/record.js';
import { readTags, tagList, withoutTags } from '../state/tags.js';
import type { RedshiftContext } from './redshift-context.js';

/** API reference, CreateTags: at most 50 tags a resource. */
const TAG_QUOTA = 50;

interface Tagged {
  readonly arn: string;
  readonly type: 'cluster' | 'snapshot';
  readonly tags: Tags;
  replace(tags: Tags): void;
}

/** Tags of clusters and snapshots. */
export function tagActions(context: RedshiftContext): Record<string, QueryAction> {
  return {
    CreateTags: (params) => {
      const resource = findTagged(context, params.required('ResourceName'));
      const tags = merged(resource.tags, readTags(params));
      if (Object.keys(tags).length > TAG_QUOTA)
        throw new AwsError('TagLimitExceededFault', `At most ${TAG_QUOTA} tags.`);
      resource.replace(tags);
      context.store.save();
      return {};
    },
    DeleteTags: (params) => {
      const resource = findTagged(context, params.required('ResourceName'));
      resource.replace(withoutTags(resource.tags, params.list('TagKeys')));
      context.store.save();
      return {};
    },
    DescribeTags: (params) => describeTags(context, params),
  };
}

function describeTags(context: RedshiftContext, params: QueryParams) {
  const [name, type] = [params.text('ResourceName'), params.text('ResourceType')];
  const [keys, values] = [params.list('TagKeys'), params.list('TagValues')];
  const resources = name ? [findTagged(context, name)] : allTagged(context);
  const found = resources
    .filter((resource) => !type || resource.type === type.toLowerCase())
    .flatMap((resource) => tagList(resource.tags).map((Tag) => ({ Tag, resource })))
    .filter(({ Tag }) => keys.length === 0 || keys.includes(String(Tag.Key)))
    .filter(({ Tag }) => values.length === 0 || values.includes(String(Tag.Value)))
    .map(({ Tag, resource }) => ({ Tag, ResourceName: resource.arn, ResourceType: resource.type }));
  const page = pageOf(found, params);
  return { Marker: page.marker, TaggedResources: { TaggedResource: page.items } };
}

function findTagged(context: RedshiftContext, arn: string): Tagged {
  if (!arn.startsWith('arn:aws:redshift:')) throw invalidValue(`${arn} is not the ARN of a Redshift resource.`);
  const found = allTagged(context).find((resource) => resource.arn === arn);
  if (found === undefined) throw new AwsError('ResourceNotFoundFault', `Resource ${arn} not found.`, 404);
  return found;
}

function allTagged({ store, account }: RedshiftContext): Tagged[] {
  const { clusters, snapshots } = store.state;
  return [
    ...Object.values(clusters).map((cluster) => ({
      arn: arnOf.cluster(account, cluster.identifier),
      type: 'cluster' as const,
      tags: cluster.tags,
      replace: (tags: Tags) => {
        clusters[cluster.identifier] = { ...cluster, tags };
      },
    })),
    ...Object.values(snapshots).map((snapshot) => ({
      arn: arnOf.snapshot(account, snapshot.cluster.identifier, snapshot.identifier),
      type: 'snapshot' as const,
      tags: snapshot.tags,
      replace: (tags: Tags) => {
        snapshots[snapshot.identifier] = { ...snapshot, tags };
      },
    })),
  ];
}
