import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough, pipeline, type Transform } from 'node:stream';
import { CutBody, SlowBody } from './s3-proxy-body.js';
import { type CountedS3Rule, parseS3Rules, type S3FaultRule, S3Rules } from './s3-proxy-rules.js';

export type { CountedS3Rule, S3FaultRule } from './s3-proxy-rules.js';

/** Where rules are read and set over HTTP; no bucket's name begins so. */
const CONTROL_PATH = '/_faults';
const MAX_RULES_BYTES = 1024 * 1024;

/** How a proxy is started. */
export interface S3ProxyOptions {
  /** The S3 server, plain HTTP: `http://127.0.0.1:7070`. */
  readonly target: string;
  /** On 127.0.0.1. @default 0, any free one */
  readonly port?: number;
}

/** A running proxy. */
export interface S3Proxy {
  /** What clients take for S3: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The rules with how often each struck. */
  readonly rules: readonly CountedS3Rule[];
  /** Requests that are held at this moment. */
  readonly held: number;
  /** Replaces all rules and their counters, and releases what is held. Throws for a wrong rule. */
  setRules(rules: readonly S3FaultRule[]): void;
  /** Removes all rules and releases what is held. */
  clear(): void;
  /** Sends on what is held. */
  release(): void;
  /** Resets all connections and stops. */
  close(): Promise<void>;
}

/**
 * Starts an HTTP proxy before an S3 server that passes requests and answers on as they are, the Host header included, so that
 * signatures hold, and lets rules strike them. Over HTTP: `GET`, `PUT` and `DELETE /_faults`, `POST /_faults/release`.
 */
export async function startS3Proxy({ target, port = 0 }: S3ProxyOptions): Promise<S3Proxy> {
  const proxy = new RunningProxy(new URL(target));
  await proxy.listen(port);
  return proxy;
}

/** One request with its rule on the way through the proxy. */
interface Passing {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly rule: S3FaultRule | undefined;
}

class RunningProxy implements S3Proxy {
  readonly #target: URL;
  readonly #rules = new S3Rules();
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  /** A connection to the server for each of a client: they begin and end together. */
  readonly #agents = new WeakMap<Socket, http.Agent>();
  readonly #held = new Set<() => void>();

  constructor(target: URL) {
    this.#target = target;
    // The client's own timeouts hold, and those of the server behind.
    this.#server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) =>
      this.#received(request, response),
    );
    this.#server.on('connection', (socket) => this.#connected(socket));
    this.#server.on('checkContinue', (request, response) => this.#received(request, response));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get rules(): readonly CountedS3Rule[] {
    return this.#rules.counted;
  }

  get held(): number {
    return this.#held.size;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  setRules(rules: readonly S3FaultRule[]): void {
    this.#rules.set(rules);
    this.release();
  }

  clear(): void {
    this.setRules([]);
  }

  release(): void {
    for (const go of [...this.#held]) go();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #connected(socket: Socket): void {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.#agents.set(socket, agent);
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      agent.destroy();
    });
  }

  #received(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = '', url = '' } = request;
    if (url === CONTROL_PATH || url.startsWith(`${CONTROL_PATH}/`)) {
      void this.#control(request, response);
      return;
    }
    const rule = this.#rules.strike({ method, url });
    const answer = rule === undefined ? undefined : ANSWERS[rule.action];
    if (answer !== undefined) refuse({ request, response, rule }, answer);
    else if (rule?.action === 'hold') this.#hold({ request, response, rule });
    else this.#pass({ request, response, rule });
  }

  #hold(passing: Passing): void {
    const { response } = passing;
    const go = (): void => {
      this.#held.delete(go);
      if (!response.destroyed) this.#pass(passing);
    };
    this.#held.add(go);
    response.once('close', () => this.#held.delete(go));
  }

  #pass({ request, response, rule }: Passing): void {
    const { socket } = request;
    const cut = (): void => void socket.resetAndDestroy();
    const { hostname, port } = this.#target;
    const upstream = http.request({
      hostname,
      port,
      agent: this.#agents.get(socket) as http.Agent,
      method: request.method,
      path: request.url,
      // As they came, in their order and spelling: they are signed.
      headers: request.rawHeaders,
      setHost: false,
    });
    upstream.on('continue', () => response.writeContinue());
    upstream.on('response', (answer) => {
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', answer.rawHeaders);
      response.flushHeaders();
      pipeline(answer, bodyThrough(rule, cut), response, (error) => {
        if (error) cut();
      });
    });
    // Whatever breaks behind the proxy breaks before it, too.
    upstream.on('error', cut);
    response.on('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    pipeline(request, bodyThrough(rule, cut, request), upstream, (error) => {
      if (error) upstream.destroy();
    });
  }

  async #control(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const answer = (status: number, content: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    const action = `${request.method} ${request.url}`;
    try {
      if (action === `PUT ${CONTROL_PATH}`) this.setRules(parseS3Rules(JSON.parse(await textOf(request))));
      else if (action === `DELETE ${CONTROL_PATH}`) this.clear();
      else if (action === `POST ${CONTROL_PATH}/release`) this.release();
      else if (action !== `GET ${CONTROL_PATH}`) return answer(404, { error: `there is no ${action}` });
      answer(200, this.rules);
    } catch (error) {
      answer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** What a body goes through; without a rule, or without a body of the request, nothing is changed. */
function bodyThrough(rule: S3FaultRule | undefined, cut: () => void, request?: http.IncomingMessage): Transform {
  const isEmpty = request !== undefined && !hasBody(request);
  if (rule?.action === 'slow') return new SlowBody(rule.bytesPerSecond);
  // A request with a body is cut in it, any other one in its answer.
  if (rule?.action === 'cut' && !isEmpty) return new CutBody(rule.afterBytes, cut);
  return new PassThrough();
}

function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface S3Error {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Errors as S3 words them (Amazon S3 API Reference, "Error responses"). */
const ANSWERS: Readonly<Partial<Record<S3FaultRule['action'], S3Error>>> = {
  slowDown: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  internalError: {
    status: 500,
    code: 'InternalError',
    message: 'We encountered an internal error. Please try again.',
  },
  expiredToken: { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' },
};

function refuse({ request, response }: Passing, { status, code, message }: S3Error): void {
  const id = randomUUID();
  const xml =
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${id}</RequestId><HostId>${id}</HostId></Error>`;
  // The rest of an upload is read and thrown away, so that the client comes to read the answer.
  request.resume();
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(xml),
    'x-amz-request-id': id,
    'x-amz-id-2': id,
  });
  response.end(request.method === 'HEAD' ? undefined : xml);
}

async function textOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_RULES_BYTES) throw new Error('the rules are too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
