import { NativeConnection } from '@temporalio/worker';
import { reachTemporalAdvice, type TemporalConfig } from '../config.js';
import { WorkerError } from './worker-error.js';

const GRPC_NOT_FOUND = 5;
const GRPC_PERMISSION_DENIED = 7;
const GRPC_UNAUTHENTICATED = 16;

/**
 * Connects to the Temporal server and looks for the namespace.
 * @throws WorkerError that names the setting to mend
 */
export async function connectTemporal(temporal: TemporalConfig): Promise<NativeConnection> {
  const { address, namespace } = temporal;
  const connection = await open(temporal);
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (error) {
    const code = (error as { readonly code?: number }).code;
    // An API key may be allowed to work in a namespace and not to describe it.
    if (code === GRPC_PERMISSION_DENIED) return connection;
    await connection.close();
    if (code === GRPC_NOT_FOUND) {
      throw new WorkerError(
        `Temporal at ${address} has no namespace "${namespace}". Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace}`,
        { cause: error },
      );
    }
    if (code === GRPC_UNAUTHENTICATED) {
      const text = `Temporal at ${address} refuses the credentials: ${reason(error)}. Check TEMPORAL_API_KEY or the TEMPORAL_TLS_* settings.`;
      throw new WorkerError(text, { cause: error });
    }
    throw new WorkerError(`Temporal at ${address} does not answer: ${reason(error)}. Check TEMPORAL_ADDRESS.`, {
      cause: error,
    });
  }
}

async function open(temporal: TemporalConfig): Promise<NativeConnection> {
  const { address, connection } = temporal;
  try {
    return await NativeConnection.connect({ ...connection, address });
  } catch (error) {
    const text = `Temporal at ${address} cannot be reached: ${reason(error)}. ${reachTemporalAdvice(temporal)}.`;
    throw new WorkerError(text, { cause: error });
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // The native client prints its errors as Rust structures; what the operating system said is the innermost message.
  const said = [...text.matchAll(/(?:message|error): "([^"]+)"/g)].at(-1)?.[1];
  return (said ?? text).replace(/\.\s*$/, '');
}
