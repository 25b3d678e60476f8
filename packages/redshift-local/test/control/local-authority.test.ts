import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { issueCertificate } from '../../src/control/tls/certificate.js';
import { openLocalTls } from '../../src/control/tls/local-authority.js';

const HOSTS = ['localhost', '127.0.0.1', '::1'];

describe('the local certificate authority', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'redshift-local-tls-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('issues a certificate that TLS clients verify by name and by address', async () => {
    const made = openLocalTls(folder, HOSTS);
    const server = tls.createServer({ key: made.key, cert: made.cert }, (socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const servername of ['localhost', '127.0.0.1']) {
        await new Promise<void>((resolve, reject) => {
          const host = servername;
          const socket = tls.connect({ host, port, ca: readFileSync(made.caFile), minVersion: 'TLSv1.2' }, () => {
            socket.end();
            resolve();
          });
          socket.once('error', reject);
        });
      }
    } finally {
      server.close();
    }
  });

  it('is not verified by another authority', () => {
    const server = new X509Certificate(openLocalTls(folder, HOSTS).cert);
    const stranger = new X509Certificate(issueCertificate({ commonName: 'stranger', days: 1 }).cert);
    assert.equal(server.verify(stranger.publicKey), false);
    assert.equal(server.checkIssued(stranger), false);
  });

  it('keeps its certificates between starts, and renews the server for a new name', () => {
    const first = openLocalTls(folder, HOSTS);
    assert.deepEqual(openLocalTls(folder, HOSTS), first);
    const renewed = openLocalTls(folder, ['redshift-local', ...HOSTS]);
    assert.notEqual(renewed.key, first.key);
    assert.equal(new X509Certificate(renewed.cert).checkHost('redshift-local'), 'redshift-local');
    assert.ok(renewed.cert.endsWith(readFileSync(first.caFile, 'utf8')));
  });

  it('renews a certificate that is about to expire', () => {
    const { caFile } = openLocalTls(folder, HOSTS);
    const old = issueCertificate({ commonName: 'redshift-local certificate authority', days: 5 });
    writeFileSync(caFile, old.cert);
    writeFileSync(path.join(folder, 'tls', 'ca.key'), old.key);
    const renewed = openLocalTls(folder, HOSTS);
    assert.notEqual(readFileSync(caFile, 'utf8'), old.cert);
    const [server, authority] = [renewed.cert, readFileSync(caFile)].map((pem) => new X509Certificate(pem));
    assert.ok(authority && server?.verify(authority.publicKey));
  });

  it('keeps its keys from other users', () => {
    openLocalTls(folder, HOSTS);
    for (const name of ['ca.key', 'server.key']) {
      assert.equal(statSync(path.join(folder, 'tls', name)).mode & 0o777, 0o600);
    }
  });
});
