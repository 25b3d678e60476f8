import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import type { BinarySpec } from '../../src/local-stack/binary-spec.js';
import { isAtLeast } from '../../src/local-stack/binary-spec.js';
import { LocalStackError } from '../../src/local-stack/local-stack-error.js';
import { provideBinary } from '../../src/local-stack/provide-binary.js';
import { TEMPORAL_BINARY } from '../../src/local-stack/temporal-binary.js';
import { VERSITYGW_BINARY } from '../../src/local-stack/versitygw-binary.js';

const program = (version: string) => `#!/bin/sh\necho "tool version ${version}"\n`;

describe('provideBinary', () => {
  let folder: string;
  let cache: string;
  let server: Server;
  let base: string;
  let served: Map<string, Buffer>;
  let requests: string[];

  const spec: BinarySpec = {
    name: 'tool',
    title: 'a tool',
    version: '2.1.0',
    minimumVersion: '2.0.0',
    parseVersion: (output) => /version (\S+)/.exec(output)?.[1],
    releases: [],
    goPackage: 'example.invalid/tool@v2.1.0',
    goLinkerFlags: '',
    goPackages: 1,
    byHand: 'Install it by hand.',
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starshift-binary-'));
    cache = join(folder, 'cache');
    served = new Map();
    requests = [];
    server = createServer((request, response) => {
      const body = served.get(request.url ?? '');
      requests.push(request.url ?? '');
      response.writeHead(body === undefined ? 404 : 200).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (path = '/bin:/usr/bin') => ({ PATH: path, STARSHIFT_CACHE_DIR: cache });
  const release = () => ({ archiveUrl: `${base}/tool.tar.gz`, checksumsUrl: `${base}/checksums.txt` });
  const provide = (more: { path?: string; releases?: BinarySpec['releases']; progress?: string[] } = {}) =>
    provideBinary({
      spec,
      environment: environment(more.path),
      releases: more.releases ?? [],
      onProgress: (message) => more.progress?.push(message),
    });
  const refusal = async (outcome: Promise<unknown>) => {
    const error = await outcome.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof LocalStackError, String(error));
    assert.equal(error.code, 'binary-unavailable');
    return error.message;
  };

  async function onPath(version: string): Promise<string> {
    const bin = join(folder, `bin-${version}`);
    await mkdir(bin);
    await writeFile(join(bin, 'tool'), program(version));
    await chmod(join(bin, 'tool'), 0o755);
    return bin;
  }

  async function publish(version = '2.1.0', tamper = ''): Promise<void> {
    const source = join(folder, 'source');
    await mkdir(join(source, 'tool_v2.1.0'), { recursive: true });
    await writeFile(join(source, 'tool_v2.1.0/tool'), program(version));
    await create({ gzip: true, file: join(folder, 'tool.tar.gz'), cwd: source }, ['tool_v2.1.0']);
    const archive = await readFile(join(folder, 'tool.tar.gz'));
    const sum = createHash('sha256').update(archive).update(tamper).digest('hex');
    served.set('/tool.tar.gz', archive);
    served.set('/checksums.txt', Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum}  tool.tar.gz\n`));
  }

  it('takes the program on PATH', async () => {
    const bin = await onPath('2.0.5');
    assert.deepEqual(await provide({ path: `/nowhere:${bin}:/bin` }), { path: join(bin, 'tool'), origin: 'PATH' });
  });

  it('passes over one on PATH that is too old, and says so', async () => {
    const bin = await onPath('1.9.9');
    await publish();
    const progress: string[] = [];
    const found = await provide({ path: `${bin}:/bin:/usr/bin`, releases: [release()], progress });
    assert.equal(found.origin, 'download');
    assert.ok(progress.includes(`${bin}/tool is not used: version 1.9.9 is older than 2.0.0`), progress.join('\n'));
  });

  it('downloads a release once and finds it in the cache afterwards', async () => {
    await publish();
    const found = await provide({ releases: [release()] });
    assert.equal(found.origin, 'download');
    assert.equal(await readFile(found.path, 'utf8'), program('2.1.0'));
    assert.deepEqual(await provide({ releases: [release()] }), { path: found.path, origin: 'cache' });
    assert.deepEqual(requests, ['/checksums.txt', '/tool.tar.gz']);
  });

  it('downloads once when two ask at the same time', async () => {
    await publish();
    const [first, second] = await Promise.all([provide({ releases: [release()] }), provide({ releases: [release()] })]);
    assert.equal(first.path, second.path);
    assert.deepEqual(requests, ['/checksums.txt', '/tool.tar.gz']);
  });

  it('refuses an archive that does not match the checksum of its release', async () => {
    await publish('2.1.0', 'tampered');
    const message = await refusal(provide({ releases: [release()] }));
    assert.match(
      message,
      /download http:\/\/127\.0\.0\.1:\d+\/tool\.tar\.gz: the archive's SHA-256 is [0-9a-f]{64}, its release says [0-9a-f]{64}: not used/,
    );
  });

  it('refuses a download that does not run', async () => {
    await publish('1.0.0');
    assert.match(await refusal(provide({ releases: [release()] })), /version 1\.0\.0 is older than 2\.0\.0/);
  });

  it('lists every way it tried, why each failed, and how to install it by hand', async () => {
    const message = await refusal(provide({ path: '', releases: [release()] }));
    assert.deepEqual(message.split('\n'), [
      'tool 2.1.0 (a tool) is needed and could not be brought:',
      '  - on PATH: no tool',
      `  - in the cache (${cache}/tool-v2.1.0-${process.platform}-${process.arch}): not there`,
      `  - download ${base}/tool.tar.gz: HTTP 404 from ${new URL(base).host}`,
      '  - go install example.invalid/tool@v2.1.0: Go is not on PATH',
      'Install it by hand.',
    ]);
  });

  it('tells how to get the real servers on a machine without Go and internet', async () => {
    for (const real of [TEMPORAL_BINARY, VERSITYGW_BINARY]) {
      const message = await refusal(provideBinary({ spec: real, environment: environment(''), releases: [] }));
      assert.match(message, /on PATH: no (temporal|versitygw)\n/);
      assert.match(message, /go install github\.com\/\S+: Go is not on PATH\n/);
      assert.match(message, /Install .* so that `(temporal|versitygw)` is on PATH/);
    }
  });

  it('shows what Go says when its build fails', async () => {
    const bin = join(folder, 'go-bin');
    await mkdir(bin);
    await writeFile(join(bin, 'go'), '#!/bin/sh\necho "go: module lookup disabled" >&2\nexit 1\n');
    await chmod(join(bin, 'go'), 0o755);
    const message = await refusal(provide({ path: `${bin}:/bin` }));
    assert.match(message, /go install example\.invalid\/tool@v2\.1\.0: exit code 1\n {4}go: module lookup disabled\n/);
  });

  it('names the cache folder that it cannot make', async () => {
    await writeFile(cache, '');
    await assert.rejects(
      provide(),
      (error) => error instanceof LocalStackError && error.code === 'state-unusable' && error.message.includes(cache),
    );
  });
});

describe('isAtLeast', () => {
  it('compares number by number', () => {
    assert.equal(isAtLeast('1.10.0', '1.9.9'), true);
    assert.equal(isAtLeast('1.29.0', '1.29.0'), true);
    assert.equal(isAtLeast('1.28.9', '1.29.0'), false);
    assert.equal(isAtLeast('2.0.0-rc.1', '1.29.0'), true);
  });
});
