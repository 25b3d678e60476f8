import { type Command, InvalidArgumentError } from 'commander';
import { type RequestedPorts, STACK_PORTS, type StackPort } from '../local-stack/ports.js';
import { usageError } from './cli-error.js';

/** What commander makes of the port flags. */
export interface PortOptions {
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly s3Port?: number;
  readonly controlPort?: number;
  readonly redshiftPort?: number;
}

const HIGHEST_PORT = 65_535;
/** Served over HTTP: browsers and Node's fetch must be able to reach them. */
const OVER_HTTP: ReadonlySet<StackPort> = new Set(['ui', 's3', 'controlPlane']);
/** "Bad ports" of the Fetch standard, which every browser and Node's fetch refuse. */
const REFUSED_BY_FETCH: ReadonlySet<number> = new Set([
  ...[1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530],
  ...[531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190],
  ...[5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** Adds a flag for each port of the local stack; the ones not given take their usual port or the next free one. */
export function addPortOptions(command: Command): Command {
  for (const { flag, serves, preferred } of Object.values(STACK_PORTS)) {
    command.option(`${flag} <port>`, `port of ${serves} (default: ${preferred}, or the next free one)`, parsePort);
  }
  return command;
}

/**
 * The ports that were asked for.
 * @throws CliError (exit 2) for a port that is named twice, or that no browser would open
 */
export function requestedPorts(options: PortOptions): RequestedPorts {
  const ports = {
    temporal: options.temporalPort,
    ui: options.uiPort,
    s3: options.s3Port,
    controlPlane: options.controlPort,
    redshift: options.redshiftPort,
  };
  const named = new Map<number, StackPort>();
  for (const [name, port] of Object.entries(ports) as [StackPort, number | undefined][]) {
    if (port === undefined || port === 0) continue;
    const { flag, serves } = STACK_PORTS[name];
    const other = named.get(port);
    if (other !== undefined) {
      throw usageError(
        `${STACK_PORTS[other].flag} and ${flag} both name port ${port}; each server needs one of its own.`,
      );
    }
    if (OVER_HTTP.has(name) && REFUSED_BY_FETCH.has(port)) {
      throw usageError(
        `${flag} ${port}: browsers refuse to open port ${port}, which another protocol uses; give ${serves} another one.`,
      );
    }
    named.set(port, name);
  }
  return ports;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new InvalidArgumentError(`"${text}" is no port; give a number up to ${HIGHEST_PORT}, or 0 for any free one.`);
}
