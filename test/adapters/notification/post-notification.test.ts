import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TerminalError, TransientError } from '../../../src/adapters/errors.js';
import { postNotification } from '../../../src/adapters/notification/post-notification.js';

const DOCUMENT = JSON.stringify({ event: 'parked', text: 'zwölf 🎵' });

interface Received {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('postNotification', () => {
  const received: Received[] = [];
  const servers: Server[] = [];
  let answer: (request: Received, response: ServerResponse) => void;
  let origin: string;

  async function listen(): Promise<string> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const { url = '', method = '', headers } = request;
      const one = { url, method, headers, body };
      received.push(one);
      answer(one, response);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  before(async () => {
    origin = await listen();
  });
  beforeEach(() => {
    received.length = 0;
    answer = (_, response) => response.writeHead(204).end();
  });
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const post = (change: { secret?: string; withinMs?: number; signal?: AbortSignal } = {}) => {
    const { secret, ...rest } = change;
    const signal = new AbortController().signal;
    const webhook = { url: `${origin}/hook/t0ken`, secret };
    return postNotification({ webhook, id: 'run/1', document: DOCUMENT, signal, ...rest });
  };

  const refusal = async (kind: typeof TerminalError | typeof TransientError, change = {}) => {
    const error = await post(change).then(
      () => assert.fail('it was accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof kind, String(error));
    assert.ok(!error.message.includes('t0ken'), error.message);
    return error.message.replaceAll(origin, 'ORIGIN');
  };

  it('posts JSON, with the id in a header', async () => {
    assert.deepEqual(await post(), { status: 204 });
    const [one] = received;
    assert.deepEqual([one?.method, one?.url, one?.body], ['POST', '/hook/t0ken', DOCUMENT]);
    assert.equal(one?.headers['content-type'], 'application/json');
    assert.equal(one?.headers['starshift-notification'], 'run/1');
    assert.equal(one?.headers['starshift-signature'], undefined);
  });

  it('signs the body with the secret', async () => {
    await post({ secret: 'known to both' });
    const expected = createHmac('sha256', 'known to both').update(DOCUMENT).digest('hex');
    assert.equal(received[0]?.headers['starshift-signature'], `sha256=${expected}`);
  });

  for (const status of [500, 503, 429, 408]) {
    it(`may be repeated after ${status}`, async () => {
      answer = (_, response) => response.writeHead(status).end('later');
      assert.equal(await refusal(TransientError), `The webhook at ORIGIN answered ${status}: later.`);
    });
  }

  for (const status of [400, 401, 404, 301]) {
    it(`is not repeated after ${status}`, async () => {
      answer = (_, response) => response.writeHead(status).end('no\u001b[2J such hook');
      assert.equal(
        await refusal(TerminalError),
        `The webhook at ORIGIN answered ${status}: no\\x1b[2J such hook. Check STARSHIFT_NOTIFY_URL and STARSHIFT_NOTIFY_SECRET of the worker.`,
      );
    });
  }

  it('may be repeated when nobody listens, or nobody answers in time', async () => {
    answer = () => undefined;
    assert.equal(
      await refusal(TransientError, { withinMs: 200 }),
      'The webhook at ORIGIN does not answer (time limit).',
    );
    const { port } = new URL(origin);
    const closed = postNotification({
      ...{ webhook: { url: 'http://127.0.0.1:1/x' }, id: '1', document: '{}', signal: new AbortController().signal },
    });
    await assert.rejects(closed, /^TransientError: The webhook at http:\/\/127\.0\.0\.1:1 does not answer \(/);
    assert.notEqual(port, '1');
  });

  it('throws the reason of a cancellation', async () => {
    const controller = new AbortController();
    answer = () => controller.abort(new Error('cancelled'));
    await assert.rejects(post({ signal: controller.signal }), /^Error: cancelled$/);
  });

  it('follows a redirect on the same server with method, body and signature', async () => {
    answer = ({ url }, response) =>
      url === '/moved' ? response.writeHead(200).end() : response.writeHead(308, { location: '/moved' }).end();
    await post({ secret: 's' });
    assert.deepEqual(
      received.map(({ url, body }) => [url, body]),
      [
        ['/hook/t0ken', DOCUMENT],
        ['/moved', DOCUMENT],
      ],
    );
    assert.ok(received[1]?.headers['starshift-signature']);
  });

  it('follows no redirect to another server', async () => {
    const other = await listen();
    answer = (_, response) => response.writeHead(307, { location: `${other}/steal` }).end();
    assert.match(
      await refusal(TerminalError),
      /^The webhook at ORIGIN redirects to http:\/\/127\.0\.0\.1:\d+; notifications go to no other/,
    );
    assert.equal(received.length, 1);
  });

  it('follows no circle', async () => {
    answer = (_, response) => response.writeHead(307, { location: '/again' }).end();
    assert.match(await refusal(TerminalError), /redirects more than 3 times/);
    assert.equal(received.length, 4);
  });
});
