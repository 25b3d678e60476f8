import pg from 'pg';

/** What a CancelRequest needs of the session it cancels. */
export interface CancelTarget {
  readonly host: string;
  readonly port: number;
  readonly processId: number;
  /** From the server's BackendKeyData. */
  readonly secretKey: number;
  readonly ssl: { readonly ca: string[]; readonly rejectUnauthorized: true };
  readonly timeoutMs: number;
}

/** The parts of pg's Connection that its typings leave out. */
interface WireConnection {
  connect(port: number, host: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'end', listener: () => void): void;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): void;
  readonly stream: { destroy(): void };
}

/**
 * Sends CancelRequest on a connection of its own, over TLS like every other. The protocol has no answer: the server closes the
 * connection when it has read the request (PostgreSQL "Message Flow", Canceling Requests in Progress). Rejects when the server
 * could not be reached in time.
 */
export function cancelStatement(target: CancelTarget): Promise<void> {
  const connection = new pg.Connection({ ssl: { ...target.ssl } } as never) as unknown as WireConnection;
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => finish(new Error('timeout expired')), target.timeoutMs);
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      connection.stream.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    let sent = false;
    connection.on('connect', () => connection.requestSsl());
    connection.on('sslconnect', () => {
      sent = true;
      connection.cancel(target.processId, target.secretKey);
    });
    connection.on('end', () => finish(sent ? undefined : new Error('Connection terminated')));
    // Servers may reset the connection instead of closing it once they have what they want.
    connection.on('error', (error) => finish(sent && error.code === 'ECONNRESET' ? undefined : error));
    connection.connect(target.port, target.host);
  });
}
