import type { Environment } from '../config.js';
import { answersOk } from './http-ready.js';
import { LocalStackError } from './local-stack-error.js';
import { withoutOwnStack } from './own-environment.js';
import { answers } from './ports.js';

/** A Temporal that somebody else runs. */
export interface ExistingTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Undefined when no UI answered where they usually are. */
  readonly uiUrl: string | undefined;
}

const REACHABLE_WITHIN_MS = 5_000;
/** Of the dev server (its own port + 1000, 8233) and of the official Compose file (8080). */
const UI_PORTS = (port: number): readonly number[] => [port + 1_000, 8233, 8080];

/**
 * The Temporal that TEMPORAL_ADDRESS names; undefined when it is not set, or when it is one of ours that a sourced `stack.env` named.
 * @throws LocalStackError unreachable when nothing answers there
 */
export async function findExistingTemporal(inherited: Environment): Promise<ExistingTemporal | undefined> {
  const environment = withoutOwnStack(inherited);
  const address = environment.TEMPORAL_ADDRESS;
  if (address === undefined || address === '') return undefined;
  const { host, port } = parse(address);
  if (!(await answers({ host, port, timeoutMs: REACHABLE_WITHIN_MS }))) {
    throw new LocalStackError(
      'unreachable',
      `TEMPORAL_ADDRESS is ${address}, but nothing answers there. Start that server, or unset TEMPORAL_ADDRESS to have one started.`,
    );
  }
  return { address, namespace: environment.TEMPORAL_NAMESPACE || 'default', uiUrl: await findUi(host, port) };
}

function parse(address: string): { readonly host: string; readonly port: number } {
  const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(address);
  if (match?.[1] === undefined) {
    throw new LocalStackError(
      'unreachable',
      `TEMPORAL_ADDRESS "${address}" is not host:port, for example TEMPORAL_ADDRESS=127.0.0.1:7233.`,
    );
  }
  return { host: match[1], port: Number(match[2]) };
}

async function findUi(host: string, port: number): Promise<string | undefined> {
  for (const candidate of UI_PORTS(port)) {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${candidate}`;
    if (await answersOk(`${url}/api/v1/settings`)) return url;
  }
  return undefined;
}
