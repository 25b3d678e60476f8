import { type Command, InvalidArgumentError } from 'commander';
import { type RequestedPorts, STACK_PORTS } from '../local-stack/ports.js';

/** What commander makes of the port flags. */
export interface PortOptions {
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly s3Port?: number;
  readonly controlPort?: number;
  readonly redshiftPort?: number;
}

const HIGHEST_PORT = 65_535;

/** Adds a flag for each port of the local stack; the ones not given take their usual port or the next free one. */
export function addPortOptions(command: Command): Command {
  for (const { flag, serves, preferred } of Object.values(STACK_PORTS)) {
    command.option(`${flag} <port>`, `port of ${serves} (default: ${preferred}, or the next free one)`, parsePort);
  }
  return command;
}

/** The ports that were asked for. */
export function requestedPorts(options: PortOptions): RequestedPorts {
  return {
    temporal: options.temporalPort,
    ui: options.uiPort,
    s3: options.s3Port,
    controlPlane: options.controlPort,
    redshift: options.redshiftPort,
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new InvalidArgumentError(`"${text}" is no port; give a number up to ${HIGHEST_PORT}, or 0 for any free one.`);
}
