import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../domain/names.js';

export interface SearchAttributesState {
  /** False: runs do without, and `reason` says why and what to do. */
  readonly registered: boolean;
  readonly reason?: string;
}

/** INDEXED_VALUE_TYPE_KEYWORD of temporal/api/enums/v1/common.proto. */
const KEYWORD = 2;
/** google.rpc.Code. */
const GRPC_ALREADY_EXISTS = 6;

/**
 * Registers Starshift's search attributes in the namespace; those that are there already stay. Never throws for a server that does not
 * permit it (Temporal Cloud does not offer this service): an unregistered attribute would hang every run, so runs then do without.
 */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<SearchAttributesState> {
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const existing = customAttributes ?? {};
    const otherType = wanted.filter((name) => existing[name] !== undefined && existing[name] !== KEYWORD);
    if (otherType.length > 0)
      return unregistered(`${otherType.join(', ')} exist with another type than Keyword`, namespace);
    const missing = wanted.filter((name) => existing[name] === undefined);
    if (missing.length > 0) await add({ connection, namespace, names: missing });
    return { registered: true };
  } catch (error) {
    return unregistered(error instanceof Error ? error.message : String(error), namespace);
  }
}

interface AddRequest {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly names: readonly string[];
}

async function add({ connection, namespace, names }: AddRequest): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another worker was faster.
    if ((error as { readonly code?: number }).code !== GRPC_ALREADY_EXISTS) throw error;
  }
}

function unregistered(why: string, namespace: string): SearchAttributesState {
  const create = Object.values(SEARCH_ATTRIBUTES).map((name) => `--name ${name} --type Keyword`);
  return {
    registered: false,
    reason: `Search attributes cannot be registered: ${why}. Runs do without them. To have them: temporal operator search-attribute create --namespace ${namespace} ${create.join(' ')}`,
  };
}
