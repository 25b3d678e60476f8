/** Why a worker cannot start, in words for whoever started it; shown without a stack trace. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}
