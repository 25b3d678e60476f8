import { connect, createServer } from 'node:net';
import { LocalStackError } from './local-stack-error.js';
import { findListener } from './port-holder.js';

/** The ports of a local stack: where each is preferred, and the flag that sets it. */
export const STACK_PORTS = {
  temporal: { preferred: 7233, flag: '--temporal-port', serves: 'Temporal' },
  ui: { preferred: 8233, flag: '--ui-port', serves: 'the Temporal Web UI' },
  s3: { preferred: 7070, flag: '--s3-port', serves: 'S3' },
  controlPlane: { preferred: 7480, flag: '--control-port', serves: 'the Redshift control plane' },
  redshift: { preferred: 5439, flag: '--redshift-port', serves: 'Redshift' },
} as const;

export type StackPort = keyof typeof STACK_PORTS;

/** Ports that were asked for: a number is binding, 0 means any free one, absent means the preferred one or the next free. */
export type RequestedPorts = { readonly [port in StackPort]?: number | undefined };

const HOST = '127.0.0.1';
const HIGHEST_PORT = 65_535;
const SEARCH_SPAN = 200;

/**
 * Chooses a port on 127.0.0.1 for one server; `onMoved` hears of it when the preferred one is taken.
 * @throws LocalStackError port-taken when the port was asked for and is in use; it names who holds it.
 */
export async function choosePort(request: {
  readonly port: StackPort;
  readonly requested: number | undefined;
  readonly except: ReadonlySet<number>;
  readonly onMoved: (message: string) => void;
}): Promise<number> {
  const { preferred, flag, serves } = STACK_PORTS[request.port];
  if (request.requested === 0) return anyFreePort();
  if (request.requested !== undefined) {
    if (await isFree(request.requested)) return request.requested;
    throw new LocalStackError('port-taken', await takenMessage({ port: request.requested, serves, flag }));
  }
  const last = Math.min(preferred + SEARCH_SPAN, HIGHEST_PORT);
  for (let candidate = preferred; candidate <= last; candidate += 1) {
    if (request.except.has(candidate) || !(await isFree(candidate))) continue;
    if (candidate !== preferred) request.onMoved(`port ${preferred} is in use, ${serves} takes ${candidate} (${flag})`);
    return candidate;
  }
  throw new LocalStackError(
    'port-taken',
    `No port from ${preferred} to ${last} is free for ${serves}. Give one with ${flag}.`,
  );
}

/** A free port of the operating system's choice. */
export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: HOST, port: 0 }, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** true when nothing answers on the port and it can be bound: some systems let a second socket bind beside a wildcard one. */
export async function isFree(port: number): Promise<boolean> {
  return !(await answers({ host: HOST, port })) && (await canBind(port));
}

/** true when a TCP connection succeeds within `timeoutMs`. */
export function answers(request: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs?: number;
}): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: request.host, port: request.port, timeout: request.timeoutMs ?? 1_000 });
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function takenMessage(taken: { readonly port: number; readonly serves: string; readonly flag: string }) {
  const holder = await findListener(taken.port);
  const by =
    holder === undefined ? 'another process' : `process ${holder.pid}${holder.program ? ` (${holder.program})` : ''}`;
  return `Port ${taken.port} for ${taken.serves} is in use by ${by}. Stop it, or give another port with ${taken.flag}.`;
}
