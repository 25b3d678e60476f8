import type { Environment } from '../config.js';
import { LocalStackError } from './local-stack-error.js';
import { provideBinary } from './provide-binary.js';
import type { OnStackEvent } from './stack-event.js';
import { TEMPORAL_BINARY } from './temporal-binary.js';
import { VERSITYGW_BINARY } from './versitygw-binary.js';

/** Paths of the programs that a stack starts; empty for parts it does not. */
export interface ServerBinaries {
  readonly temporal: string;
  readonly s3: string;
}

/** Which programs to bring, and how. */
export interface ProvideServersRequest {
  readonly parts: { readonly temporal: boolean; readonly s3: boolean };
  readonly environment: Environment;
  readonly onProgress: OnStackEvent;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds, downloads or builds the programs of Temporal and S3, both at the same time.
 * @throws LocalStackError binary-unavailable with what is to be done for each one that cannot be had
 */
export async function provideServers(request: ProvideServersRequest): Promise<ServerBinaries> {
  const { parts, environment, onProgress, signal } = request;
  const provide = async (part: 'temporal' | 's3'): Promise<string> => {
    if (!parts[part]) return '';
    const spec = part === 'temporal' ? TEMPORAL_BINARY : VERSITYGW_BINARY;
    const report = (message: string, ongoing: boolean): void => onProgress({ part, message, ongoing });
    return (await provideBinary({ spec, environment, signal, onProgress: report })).path;
  };
  const [temporal, s3] = await Promise.allSettled([provide('temporal'), provide('s3')]);
  if (temporal.status === 'fulfilled' && s3.status === 'fulfilled') return { temporal: temporal.value, s3: s3.value };
  throw bothReasons([temporal, s3].flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : [])));
}

/** A person should learn of both missing programs at once. */
function bothReasons(reasons: readonly unknown[]): unknown {
  const [first, second] = reasons;
  if (!(first instanceof LocalStackError && second instanceof LocalStackError)) return first;
  return new LocalStackError(first.code, `${first.message}\n\n${second.message}`, { cause: first });
}
