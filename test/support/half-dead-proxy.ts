import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A TCP proxy that behaves as a network does which nobody told that one end is gone: the server keeps its connections when their clients
 * have died, and answers can be made to get lost.
 */
export interface HalfDeadProxy {
  readonly port: number;
  /** Connections that the server still has though their clients are gone. */
  readonly orphans: number;
  /** From here on what the server answers is lost; what clients send still arrives. Ends with the connections there are now. */
  loseAnswers(): void;
  /** Cuts the clients off, and lets the server believe in them. */
  dropClients(): void;
  /** Ends everything. */
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  mute: boolean;
}

/** Starts one on 127.0.0.1, before the server on this port. */
export async function startHalfDeadProxy(serverPort: number): Promise<HalfDeadProxy> {
  const pairs = new Set<Pair>();
  const listener = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    const pair: Pair = { client, server, mute: false };
    pairs.add(pair);
    client.on('data', (bytes) => server.write(bytes));
    // The server's connection stays as it is: that is the point.
    client.on('error', () => client.destroy());
    client.on('end', () => client.destroy());
    server.on('data', (bytes) => {
      if (!pair.mute && client.writable) client.write(bytes);
    });
    server.on('error', () => server.destroy());
    server.on('close', () => {
      pairs.delete(pair);
      client.destroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    get orphans() {
      return [...pairs].filter(({ client }) => client.destroyed).length;
    },
    loseAnswers: () => {
      for (const pair of pairs) pair.mute = true;
    },
    dropClients: () => {
      for (const { client } of pairs) client.destroy();
    },
    close: async () => {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
