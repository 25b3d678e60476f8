import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerFaults, type FaultsContext, isFaultsUrl } from '../../faults/faults-resource.js';
import { AwsError } from './aws-error.js';
import type { AwsCall, AwsServices, JsonObject, JsonService, QueryService } from './aws-service.js';
import { QueryParams } from './query-params.js';
import { claimedService, type KnownKey, type VerifiedCaller, verifySignature } from './sigv4.js';
import { toXml } from './xml.js';

const MAX_BODY_BYTES = 1024 * 1024;
/** IAM is a global service: its requests are signed for this region, wherever the caller is. */
const GLOBAL_REGION = 'us-east-1';

/** What the HTTP server needs. */
export interface AwsServerOptions {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  readonly region: string;
  readonly services: AwsServices;
  lookUpKey(accessKeyId: string): KnownKey | undefined;
  /** Called before each action; throwing an AwsError makes the action fail with it (throttling, outages). */
  intercept?(call: AwsCall): void | Promise<void>;
  /** Set when faults may be injected: the resource /faults is there, for this machine, and needs no signature. */
  readonly faults?: FaultsContext;
  log(line: string): void;
}

/** A listening server. */
export interface AwsServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

type Service = QueryService | JsonService;

/** Serves AWS requests: verifies the signature, finds the service and the action, and answers in the service's protocol. */
export async function startAwsServer(options: AwsServerOptions): Promise<AwsServer> {
  const server = http.createServer((request, response) => {
    const requestId = randomUUID();
    handle(options, request, requestId)
      .catch((error: unknown) => failure(undefined, asAwsError(options, error), requestId))
      .then((answer) => {
        response.writeHead(answer.status, { 'content-type': answer.contentType, 'x-amzn-requestid': requestId });
        response.end(answer.body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(options: AwsServerOptions, request: http.IncomingMessage, requestId: string): Promise<Answer> {
  const body = await readBody(request);
  if (isFaultsUrl(request.url ?? '')) return faultsAnswer(options, request, body);
  // Known before the signature is verified, so that a refusal comes in the form that the caller's SDK understands.
  const claimed = claimedService(request.headers.authorization);
  const service = Object.hasOwn(options.services, claimed) ? options.services[claimed] : undefined;
  try {
    const signed = { method: request.method ?? '', url: request.url ?? '/', headers: request.headers, body };
    const caller = verifySignature(signed, options.lookUpKey);
    if (service === undefined) {
      const known = Object.keys(options.services).join(', ');
      throw new AwsError('InvalidAction', `redshift-local has no service "${caller.service}", only ${known}.`);
    }
    checkRegion(options.region, caller);
    return service.protocol === 'json'
      ? await answerJson(options, service, caller, request.headers['x-amz-target'], body)
      : await answerQuery(options, service, caller, body, requestId);
  } catch (error) {
    return failure(service, asAwsError(options, error), requestId);
  }
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/** The resource does not exist for other machines. */
function faultsAnswer({ faults }: AwsServerOptions, request: http.IncomingMessage, body: Buffer): Answer {
  const { method = '', url = '', socket } = request;
  const isLocal = LOOPBACK.test(socket.remoteAddress ?? '');
  const { status, content } =
    faults === undefined || !isLocal
      ? { status: 404, content: { error: 'There is no /faults: redshift-local was started without --faults.' } }
      : answerFaults(faults, { method, url, body });
  return { status, contentType: 'application/json', body: JSON.stringify(content) };
}

async function answerQuery(
  options: AwsServerOptions,
  service: QueryService,
  caller: VerifiedCaller,
  body: Buffer,
  requestId: string,
): Promise<Answer> {
  const form = new URLSearchParams(body.toString('utf8'));
  const action = form.get('Action') ?? '';
  const version = form.get('Version');
  const run = Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  if (run === undefined || version !== service.version) {
    throw new AwsError('InvalidAction', `The action ${action} is not valid for this endpoint (version ${version}).`);
  }
  const call = { action, caller };
  await options.intercept?.(call);
  const result = await run(QueryParams.parse(form), call);
  const content =
    service.protocol === 'ec2'
      ? { requestId, ...result }
      : { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  const xml = toXml(`${action}Response`, content).replace('Response>', `Response xmlns="${service.namespace}">`);
  return { status: 200, contentType: 'text/xml', body: xml };
}

async function answerJson(
  options: AwsServerOptions,
  service: JsonService,
  caller: VerifiedCaller,
  target: string | string[] | undefined,
  body: Buffer,
): Promise<Answer> {
  const action = String(target ?? '').slice(service.target.length + 1);
  const run = Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  if (run === undefined) throw new AwsError('UnknownOperationException', `The operation ${target} is not known.`);
  let input: JsonObject;
  try {
    input = JSON.parse(body.toString('utf8') || '{}') as JsonObject;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
  const call = { action, caller };
  await options.intercept?.(call);
  return { status: 200, contentType: 'application/x-amz-json-1.1', body: JSON.stringify(await run(input, call)) };
}

/** The JSON services have their own names for the errors that the signature check can raise. */
const JSON_CODES: Readonly<Record<string, string>> = {
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
};

/** And so has EC2 ("Error codes for the Amazon EC2 API"). */
const EC2_CODES: Readonly<Record<string, string>> = {
  ExpiredToken: 'RequestExpired',
  InvalidClientTokenId: 'AuthFailure',
  SignatureDoesNotMatch: 'AuthFailure',
};

function failure(service: Service | undefined, error: AwsError, requestId: string): Answer {
  const { code, message, status } = error;
  if (service?.protocol === 'json') {
    const body = JSON.stringify({ __type: JSON_CODES[code] ?? code, message });
    return { status: Object.hasOwn(JSON_CODES, code) ? 400 : status, contentType: 'application/x-amz-json-1.1', body };
  }
  if (service?.protocol === 'ec2') {
    const content = { Errors: { Error: { Code: EC2_CODES[code] ?? code, Message: message } }, RequestID: requestId };
    return { status, contentType: 'text/xml', body: toXml('Response', content) };
  }
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const content = { Error: { Type: type, Code: code, Message: message }, RequestId: requestId };
  return { status, contentType: 'text/xml', body: toXml('ErrorResponse', content) };
}

function checkRegion(region: string, caller: VerifiedCaller): void {
  if (caller.region === region || (caller.service === 'iam' && caller.region === GLOBAL_REGION)) return;
  throw new AwsError(
    'SignatureDoesNotMatch',
    `Credential should be scoped to a valid region, not '${caller.region}': this redshift-local is in ${region}.`,
    403,
  );
}

function asAwsError(options: AwsServerOptions, error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  options.log(`internal failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new AwsError('InternalFailure', 'redshift-local failed to answer; its log says why.', 500);
}

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', 'The request is too large.', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
