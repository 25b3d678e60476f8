import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;

/** A call that never begins, for a caller that nobody awaits any more. */
const NO_CALL = {
  start: () => undefined,
  sendMessage: () => undefined,
  halfClose: () => undefined,
  cancelWithStatus: () => undefined,
  getPeer: () => '',
} as unknown as Call;

/**
 * Lets no call onto a connection that is closed. The SDK tries failed calls again from a timer that closing does not stop; on a closed
 * channel that throws where nobody can catch it.
 */
export class CallGate {
  #isClosed = false;

  /** To stand behind the interceptor that tries calls again. */
  readonly interceptor: Interceptor = (options, nextCall) => (this.#isClosed ? NO_CALL : (nextCall(options) as Call));

  /** Call it before the connection is closed. */
  close(): void {
    this.#isClosed = true;
  }
}
