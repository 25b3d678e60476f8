import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { RedshiftError } from '../redshift-error.js';
import { errorResponse } from './error-fields.js';
import { readStartupPacket, type StartupPacket } from './startup-packet.js';

/** Redshift closes a connection that says nothing; PostgreSQL's authentication_timeout is a minute too. */
const STARTUP_TIMEOUT_MS = 60_000;
const ACCEPTED = Buffer.from('S');
const REFUSED = Buffer.from('N');

/** A connection whose startup packet has come. */
export interface OpenedConnection {
  /** What is below TLS. */
  readonly socket: Socket;
  readonly stream: Duplex;
  readonly encrypted: boolean;
  readonly packet: Extract<StartupPacket, { kind: 'startup' | 'cancel' }>;
  /** Bytes behind the packet. */
  readonly head: Buffer;
}

/**
 * Reads up to the startup packet, through TLS if the client asks for it. Undefined when the client went away before, or sent what
 * is no such packet and has been told so.
 */
export async function openConnection(
  socket: Socket,
  secureContext: SecureContext,
): Promise<OpenedConnection | undefined> {
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  socket.setTimeout(STARTUP_TIMEOUT_MS, () => socket.destroy());
  let stream: Duplex = socket;
  let encrypted = false;
  try {
    for (;;) {
      const read = await readPacket(stream);
      if (read === undefined) return undefined;
      const { packet, head } = read;
      if (packet.kind === 'startup' || packet.kind === 'cancel') {
        socket.setTimeout(0);
        return { socket, stream, encrypted, packet, head };
      }
      // Bytes sent before the answer would have travelled unencrypted.
      if (head.length > 0) throw violation('received unencrypted data after SSL request');
      if (packet.kind === 'gss' || encrypted) stream.write(REFUSED);
      else {
        socket.write(ACCEPTED);
        stream = encrypt(socket, secureContext);
        encrypted = true;
      }
    }
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
    refuse(stream, error);
    return undefined;
  }
}

function encrypt(socket: Socket, secureContext: SecureContext): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  // Whatever else listens comes and goes: a client that breaks off must find somebody at any time.
  secure.on('error', () => secure.destroy());
  return secure;
}

/** Ends a connection with an error that the client shows. */
export function refuse(stream: Duplex, error: RedshiftError): void {
  stream.on('error', () => stream.destroy());
  stream.end(errorResponse(error, 'FATAL'));
}

function readPacket(stream: Duplex): Promise<{ readonly packet: StartupPacket; readonly head: Buffer } | undefined> {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      stream.off('data', onData).off('close', onClose).off('end', onClose).off('error', onClose);
      stream.pause();
      settle();
    };
    const onClose = (): void => finish(() => resolve(undefined));
    const onData = (chunk: Buffer): void => {
      buffer = Buffer.concat([buffer, chunk]);
      try {
        const read = readStartupPacket(buffer);
        if (read !== undefined) finish(() => resolve({ packet: read.packet, head: buffer.subarray(read.bytes) }));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    stream.on('data', onData).on('close', onClose).on('end', onClose).on('error', onClose);
    stream.resume();
  });
}

function violation(message: string): RedshiftError {
  return new RedshiftError({ sqlState: '08P01', message });
}
