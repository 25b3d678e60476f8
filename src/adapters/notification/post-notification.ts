import { createHmac } from 'node:crypto';
import { cutVisibly, printableLine } from '../../domain/printable.js';
import { adapterError } from '../errors.js';
import type { NotifyWebhook } from './notify-targets.js';

export interface PostRequest {
  readonly webhook: NotifyWebhook;
  /** Sent as a header too, for receivers that drop what they have had. */
  readonly id: string;
  /** JSON. */
  readonly document: string;
  readonly signal: AbortSignal;
  /** @default 15 s */
  readonly withinMs?: number;
}

/** `sha256=` and the HMAC of the body in hexadecimal digits, under the key that both sides know. */
export const SIGNATURE_HEADER = 'Starshift-Signature';
export const ID_HEADER = 'Starshift-Notification';

const WITHIN_MS = 15_000;
const MOST_REDIRECTS = 3;
const ANSWER_LENGTH = 200;
/** Statuses that pass: request timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Redirects that keep method and body. */
const REDIRECTS: ReadonlySet<number> = new Set([307, 308]);

/**
 * Posts the document. Redirects are followed within the same origin only: what is signed for one server is no other's business.
 * @throws TransientError notificationInterrupted when nobody answers in time, or with 5xx, 408, 425 or 429
 * @throws TerminalError notificationRefused for any other answer than 2xx
 */
export async function postNotification(request: PostRequest): Promise<{ readonly status: number }> {
  const { webhook, signal, withinMs = WITHIN_MS } = request;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const origin = new URL(webhook.url).origin;
  let url = webhook.url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await post({ ...request, url, origin, signal: limited }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw unanswered(origin, cause);
    });
    if (!REDIRECTS.has(response.status)) return await judge(response, origin);
    url = followed(response, url, origin);
    await response.body?.cancel();
  }
  throw refused(origin, `redirects more than ${MOST_REDIRECTS} times`);
}

function post(request: PostRequest & { readonly url: string; readonly origin: string }): Promise<Response> {
  const { webhook, id, document, url, signal } = request;
  return fetch(url, {
    method: 'POST',
    body: document,
    redirect: 'manual',
    signal,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'starshift',
      [ID_HEADER]: id,
      ...(webhook.secret === undefined ? {} : { [SIGNATURE_HEADER]: signature(document, webhook.secret) }),
    },
  });
}

function signature(document: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(document).digest('hex')}`;
}

async function judge(response: Response, origin: string): Promise<{ readonly status: number }> {
  const { status, ok } = response;
  if (ok) {
    await response.body?.cancel();
    return { status };
  }
  // What it says may help, and is not trusted with more than a line.
  const text = await response.text().catch(() => '');
  const said = cutVisibly(printableLine(text.trim()), ANSWER_LENGTH);
  const what = `answered ${status}${said === '' ? '' : `: ${said}`}`;
  throw status >= 500 || PASSING.has(status) ? interrupted(origin, what) : refused(origin, what);
}

function followed(response: Response, from: string, origin: string): string {
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (target?.origin === origin) return target.href;
  throw refused(
    origin,
    `redirects to ${target?.origin ?? 'no address'}; notifications go to no other server than the one that is named`,
  );
}

function unanswered(origin: string, cause: unknown) {
  const reason = cause instanceof Error ? describe(cause) : String(cause);
  return interrupted(origin, `does not answer (${reason})`, cause);
}

/** fetch says "fetch failed", and its cause why. */
function describe({ name, message, cause }: Error): string {
  if (name === 'TimeoutError') return 'time limit';
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? (cause instanceof Error ? cause.message : message);
}

function interrupted(origin: string, what: string, cause?: unknown) {
  const message = `The webhook at ${origin} ${what}.`;
  return adapterError({ kind: 'notificationInterrupted', message, resource: origin, cause });
}

function refused(origin: string, what: string) {
  const message = `The webhook at ${origin} ${what}. Check STARSHIFT_NOTIFY_URL and STARSHIFT_NOTIFY_SECRET of the worker.`;
  return adapterError({ kind: 'notificationRefused', message, resource: origin });
}
