/** Options that every SDK call takes. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/** Options of one SDK call that ends when the signal is aborted. */
export function callOptions(signal: AbortSignal | undefined): CallOptions {
  return signal === undefined ? {} : { abortSignal: signal };
}
