import type { FaultBoard } from './fault-board.js';
import { FaultRequestError, parseCredentials, parseQuota, parseRules } from './fault-rule.js';

/** One request to the resource. */
export interface FaultsRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly body: Buffer;
}

/** Its answer, as JSON. */
export interface FaultsAnswer {
  readonly status: number;
  readonly content: unknown;
}

/** What the resource works on. */
export interface FaultsContext {
  readonly board: FaultBoard;
  hasCluster(identifier: string): boolean;
}

type Handler = (context: FaultsContext, body: unknown) => unknown;

/** What is read and set where. All of it is gone with the process. */
const HANDLERS: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/faults': {
    GET: ({ board }) => board.rules,
    PUT: ({ board }, body) => {
      board.setRules(parseRules(body));
      return board.rules;
    },
    DELETE: ({ board }) => {
      board.setRules([]);
      return board.rules;
    },
  },
  '/faults/quota': {
    GET: ({ board }) => board.quotas,
    PUT: (context, body) => {
      const { cluster, bytes } = parseQuota(body);
      if (bytes !== null && !context.hasCluster(cluster))
        throw new FaultRequestError(`quota.cluster: there is no cluster "${cluster}"`);
      context.board.setQuota(cluster, bytes);
      return context.board.quotas;
    },
  },
  '/faults/credentials': {
    GET: ({ board }) => ({ expired: board.credentialsExpired }),
    PUT: ({ board }, body) => {
      const { expired } = parseCredentials(body);
      board.credentialsExpired = expired;
      return { expired };
    },
  },
};

/** Whether a request is for this resource and not for AWS, whose requests to these services are all for `/`. */
export function isFaultsUrl(url: string): boolean {
  return /^\/faults(?:[/?]|$)/.test(url);
}

/** Answers a request: 200 with JSON, 400 with `{"error"}` for what cannot be understood, 404 and 405. */
export function answerFaults(context: FaultsContext, { method, url, body }: FaultsRequest): FaultsAnswer {
  const path = url.split('?')[0] ?? '';
  const handlers = Object.hasOwn(HANDLERS, path) ? HANDLERS[path] : undefined;
  if (handlers === undefined) return failed(404, `there is no ${path}, only ${Object.keys(HANDLERS).join(', ')}`);
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) return failed(405, `${path} takes ${Object.keys(handlers).join(', ')}, not ${method}`);
  try {
    return { status: 200, content: handler(context, method === 'PUT' ? parsed(body) : undefined) };
  } catch (error) {
    if (error instanceof FaultRequestError) return failed(400, error.message);
    throw error;
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new FaultRequestError(`the body is no JSON: ${(error as Error).message}`);
  }
}

function failed(status: number, error: string): FaultsAnswer {
  return { status, content: { error } };
}
