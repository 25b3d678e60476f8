import { createHash } from 'node:crypto';

/** What a session works on. */
export interface LabelledWork {
  /** Temporal namespace of the workflow; two namespaces may use one workflow id for different runs. @default default */
  readonly namespace?: string | undefined;
  /** The UUID that its server gave the namespace: every dev server has one called `default`. Absent for work that is no workflow's. */
  readonly namespaceId?: string | undefined;
  readonly workflowId: string;
  readonly step: string;
}

/** STL_QUERY.label and SYS_QUERY_HISTORY.query_label are character(320). */
const LABEL_LENGTH = 320;
const HASH_LENGTH = 16;
/** Quotes and backslashes would have to be escaped by whoever looks for a label; the views are ASCII at heart. */
const UNFIT = /[^\x20-\x7e]|[\\'#]/g;

/**
 * `starshift <workflow id> <step> #<hash>`: the query group under which the server keeps every statement of a step's sessions, and by
 * which a later attempt knows them. Different work never has the same label, because a retry terminates what carries its own; the hash
 * is of all that tells work apart. It is left out where the namespace's UUID is not given and the plain text is neither ambiguous, changed
 * nor cut; no plain label contains `#`.
 */
export function queryLabel({ namespace = 'default', namespaceId, workflowId, step }: LabelledWork): string {
  const plain = `starshift ${workflowId} ${step}`;
  const fits = plain.length <= LABEL_LENGTH && plain.search(UNFIT) === -1 && plain === plain.trim();
  // A blank in the workflow id would leave open where the step begins.
  if (fits && namespaceId === undefined && namespace === 'default' && !workflowId.includes(' ')) return plain;
  const hash = createHash('sha256')
    .update(JSON.stringify([namespace, workflowId, step, ...(namespaceId === undefined ? [] : [namespaceId])]))
    .digest('hex');
  const readable = plain.replace(UNFIT, '_').slice(0, LABEL_LENGTH - HASH_LENGTH - 2);
  return `${readable} #${hash.slice(0, HASH_LENGTH)}`;
}
