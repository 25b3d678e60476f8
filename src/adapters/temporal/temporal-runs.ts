import type { Client } from '@temporalio/client';
import type { RunningRun } from '../../domain/facts.js';
import { TransientError } from '../errors.js';

/** A namespace of a Temporal server; its name alone does not tell which, see RunningRun. */
export type NamespaceIdentity = Pick<RunningRun, 'namespace' | 'namespaceId'>;

/** What Temporal says of a run that claimed tables. */
export type RunState =
  /** `run` is the run itself, or the one that carries it on: after a reset, or as a new run. */
  | { readonly kind: 'running'; readonly run: RunningRun }
  | { readonly kind: 'over' }
  /** It belongs to a namespace that this worker cannot see. */
  | { readonly kind: 'unknown' };

/** Asks Temporal which runs are still running. */
export interface TemporalRuns {
  /**
   * The worker's own namespace. Asked for once a worker; without `namespaceId` where the server does not tell this worker.
   * @throws TransientError when Temporal does not answer
   */
  identity(signal?: AbortSignal): Promise<NamespaceIdentity>;
  /** @throws TransientError when Temporal does not answer */
  find(run: RunningRun, signal?: AbortSignal): Promise<RunState>;
}

/** WorkflowExecutionStatus of temporal/api/enums/v1/workflow.proto: completed, failed, canceled, terminated, continued as new, timed out. */
const CLOSED: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7]);

/** google.rpc.Code. */
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_NOT_FOUND = 5;
const GRPC_PERMISSION_DENIED = 7;

const CALL_TIMEOUT_MS = 10_000;

/** One run as the server describes it. */
interface Description {
  readonly runId: string;
  readonly open: boolean;
  /** First run of the chain that continue-as-new, retries and resets make. */
  readonly firstRunId: string;
  readonly resetRunId: string;
}

/** The runs that this client's server knows. */
export function openTemporalRuns(client: Client): TemporalRuns {
  const { namespace } = client.options;
  let own: Promise<NamespaceIdentity> | undefined;
  // One call for all who ask at once: whoever asked first may be cancelled meanwhile, so its signal does not end the call.
  const ask = async (): Promise<NamespaceIdentity> => {
    try {
      return { namespace, ...(await namespaceId(client, { namespace, signal: undefined })) };
    } catch (error) {
      own = undefined;
      throw error;
    }
  };
  const identity = async (signal?: AbortSignal): Promise<NamespaceIdentity> => {
    signal?.throwIfAborted();
    own ??= ask();
    const identified = await own;
    signal?.throwIfAborted();
    return identified;
  };
  return {
    identity,
    find: async (run, signal) => {
      const ours = await identity(signal);
      const seen = isSame(ours, run) || (await sees(client, { ...run, signal }));
      return seen ? findHere(client, { run, signal }) : { kind: 'unknown' };
    },
  };
}

/** Two servers may have namespaces of one name, so ids decide where both are known. */
function isSame(ours: NamespaceIdentity, other: NamespaceIdentity): boolean {
  if (ours.namespaceId !== undefined && other.namespaceId !== undefined) return ours.namespaceId === other.namespaceId;
  return ours.namespace === other.namespace;
}

async function sees(
  client: Client,
  wanted: NamespaceIdentity & { readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const found = await namespaceId(client, wanted);
  return found.namespaceId !== undefined && found.namespaceId === wanted.namespaceId;
}

async function namespaceId(
  client: Client,
  request: { readonly namespace: string; readonly signal: AbortSignal | undefined },
): Promise<{ readonly namespaceId?: string }> {
  const { namespace, signal } = request;
  const answer = await call(client, { action: `Looking for namespace ${namespace}`, signal }, () =>
    client.workflowService.describeNamespace({ namespace }),
  );
  const id = answer?.namespaceInfo?.id;
  return id ? { namespaceId: id } : {};
}

interface Search {
  readonly run: RunningRun;
  readonly signal: AbortSignal | undefined;
}

/**
 * A closed run may be carried on by another one of the same workflow id: a reset copies its history, with the claim in it, and the
 * new run does not claim again what that history says it has. A run that was merely started under the same id is none of this.
 */
async function findHere(client: Client, { run, signal }: Search): Promise<RunState> {
  const own = await describe(client, { run, signal });
  if (own?.open) return { kind: 'running', run };
  const latest = await describe(client, { run: { ...run, runId: '' }, signal });
  if (latest === undefined || !latest.open || !carriesOn(latest, run, own)) return { kind: 'over' };
  return { kind: 'running', run: { ...run, runId: latest.runId } };
}

function carriesOn(latest: Description, run: RunningRun, own: Description | undefined): boolean {
  return latest.firstRunId === run.runId || latest.firstRunId === own?.firstRunId || latest.runId === own?.resetRunId;
}

/** Undefined for what the server does not know: its retention is over, or it never was. */
async function describe(client: Client, { run, signal }: Search): Promise<Description | undefined> {
  const { namespace, workflowId, runId } = run;
  const answer = await call(client, { action: `Looking for the run of workflow ${workflowId}`, signal }, () =>
    client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId, runId } }),
  );
  const info = answer?.workflowExecutionInfo;
  if (!info) return undefined;
  return {
    runId: info.execution?.runId ?? '',
    open: !CLOSED.has(info.status ?? 0),
    firstRunId: info.firstRunId ?? '',
    resetRunId: answer.workflowExtendedInfo?.resetRunId ?? '',
  };
}

/** Undefined for what the server does not know or does not let this worker see. */
async function call<Answer>(
  client: Client,
  { action, signal }: { readonly action: string; readonly signal: AbortSignal | undefined },
  request: () => Promise<Answer>,
): Promise<Answer | undefined> {
  signal?.throwIfAborted();
  try {
    return await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, request);
  } catch (error) {
    signal?.throwIfAborted();
    const code = (error as { readonly code?: number }).code;
    if (code === GRPC_NOT_FOUND || code === GRPC_PERMISSION_DENIED || code === GRPC_INVALID_ARGUMENT) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TransientError({
      kind: 'unreachable',
      message: `${action} failed: Temporal does not answer: ${reason}.`,
      resource: 'Temporal',
      cause: error,
    });
  }
}
