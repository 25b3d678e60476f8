import { createHash } from 'node:crypto';
import { OWNER_TAG } from '../../domain/names.js';

/** Tag that tells which run created a resource, so that a retry whose first answer was lost still knows what it may roll back. */
const RUN_TAG = 'starshift:run';

const MAX_TAG_VALUE = 256;
const MAX_ROLE_NAME = 64;

/** A tag as Redshift, IAM and EC2 give it. */
export interface ResourceTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The tags of a new resource of the cluster. */
export function ownerTags(identifier: string, createdBy: string): { Key: string; Value: string }[] {
  return [
    { Key: OWNER_TAG, Value: identifier },
    { Key: RUN_TAG, Value: tagValue(createdBy) },
  ];
}

/** True when the resource was made by Starshift for this cluster. */
export function isOwned(tags: readonly ResourceTag[] | undefined, identifier: string): boolean {
  return hasTag(tags, OWNER_TAG, identifier);
}

/** True when this very run made the resource. */
export function isCreatedBy(tags: readonly ResourceTag[] | undefined, createdBy: string): boolean {
  return hasTag(tags, RUN_TAG, tagValue(createdBy));
}

/** True for what may be deleted: Starshift's for this cluster and, where only one run's resources are to go, of that run. */
export function mayDelete(
  tags: readonly ResourceTag[] | undefined,
  { identifier, onlyIfCreatedBy }: { readonly identifier: string; readonly onlyIfCreatedBy?: string | undefined },
): boolean {
  return isOwned(tags, identifier) && (onlyIfCreatedBy === undefined || isCreatedBy(tags, onlyIfCreatedBy));
}

/** `starshift-<identifier>-load`, cut and made unique where IAM's 64 characters do not hold it. */
export function loadRoleName(identifier: string): string {
  const name = `starshift-${identifier}-load`;
  if (name.length <= MAX_ROLE_NAME) return name;
  const hash = createHash('sha256').update(identifier).digest('hex').slice(0, 8);
  return `starshift-${identifier.slice(0, 40)}-${hash}-load`;
}

/** `starshift-<identifier>`. */
export function securityGroupName(identifier: string): string {
  return `starshift-${identifier}`;
}

function hasTag(tags: readonly ResourceTag[] | undefined, key: string, value: string): boolean {
  return tags?.some((tag) => tag.Key === key && tag.Value === value) ?? false;
}

/** Tag values take letters, digits, spaces and `_.:/=+-@`. Of a long one the end is kept: there is the id of the run, which is unique. */
function tagValue(text: string): string {
  return [...text.replace(/[^\p{L}\p{N} _.:/=+\-@]/gu, '_')].slice(-MAX_TAG_VALUE).join('');
}
