import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { BasicConstraintsExtension, SubjectKeyIdentifierExtension, X509CertificateGenerator } from '@peculiar/x509';
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
    const made = await openLocalTls(folder, HOSTS);
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

  it('names the hosts in a server certificate that may not sign others', async () => {
    const { cert, caFile } = await openLocalTls(folder, HOSTS);
    const [server, authority] = [new X509Certificate(cert), new X509Certificate(readFileSync(caFile))];
    assert.equal(server.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.deepEqual([authority.ca, server.ca], [true, false]);
    assert.ok(authority.checkIssued(authority));
    assert.ok(server.checkIssued(authority));
  });

  it('is not verified by another authority', async () => {
    const server = new X509Certificate((await openLocalTls(folder, HOSTS)).cert);
    const stranger = new X509Certificate((await issueCertificate({ commonName: 'stranger', days: 1 })).cert);
    assert.equal(server.verify(stranger.publicKey), false);
    assert.equal(server.checkIssued(stranger), false);
  });

  it('keeps its certificates between starts, and renews the server for a new name', async () => {
    const first = await openLocalTls(folder, HOSTS);
    assert.deepEqual(await openLocalTls(folder, HOSTS), first);
    const renewed = await openLocalTls(folder, ['redshift-local', ...HOSTS]);
    assert.notEqual(renewed.key, first.key);
    assert.equal(new X509Certificate(renewed.cert).checkHost('redshift-local'), 'redshift-local');
    assert.ok(renewed.cert.endsWith(readFileSync(first.caFile, 'utf8')));
  });

  it('issues under an authority that computes its key identifier in its own way', async () => {
    const { caFile } = await openLocalTls(folder, HOSTS);
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const kept = await X509CertificateGenerator.createSelfSigned({
      name: [{ CN: ['redshift-local certificate authority'] }],
      keys,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new SubjectKeyIdentifierExtension('0123456789abcdef0123456789abcdef01234567'),
      ],
    });
    writeFileSync(caFile, kept.toString('pem'));
    const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(path.join(folder, 'tls', 'ca.key'), key);
    const server = new X509Certificate((await openLocalTls(folder, HOSTS)).cert);
    assert.equal(readFileSync(caFile, 'utf8'), kept.toString('pem'));
    assert.ok(server.checkIssued(new X509Certificate(kept.toString('pem'))));
  });

  it('renews a certificate that is about to expire', async () => {
    const { caFile } = await openLocalTls(folder, HOSTS);
    const old = await issueCertificate({ commonName: 'redshift-local certificate authority', days: 5 });
    writeFileSync(caFile, old.cert);
    writeFileSync(path.join(folder, 'tls', 'ca.key'), old.key);
    const renewed = await openLocalTls(folder, HOSTS);
    assert.notEqual(readFileSync(caFile, 'utf8'), old.cert);
    const [server, authority] = [renewed.cert, readFileSync(caFile)].map((pem) => new X509Certificate(pem));
    assert.ok(authority && server?.verify(authority.publicKey));
  });

  for (const pair of ['ca', 'server']) {
    it(`makes the ${pair} pair anew when a crash has left a key that does not fit, or half a file`, async () => {
      await openLocalTls(folder, HOSTS);
      const keyFile = path.join(folder, 'tls', `${pair}.key`);
      const certFile = path.join(folder, 'tls', `${pair}.pem`);
      const stranger = await issueCertificate({ commonName: 'stranger', days: 100 });
      for (const damage of [() => writeFileSync(keyFile, stranger.key), () => writeFileSync(certFile, '-----BEGIN')]) {
        damage();
        const { key, cert, caFile } = await openLocalTls(folder, HOSTS);
        assert.ok(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)));
        assert.ok(new X509Certificate(cert).verify(new X509Certificate(readFileSync(caFile)).publicKey));
        assert.ok(new X509Certificate(readFileSync(certFile)).checkPrivateKey(createPrivateKey(readFileSync(keyFile))));
      }
    });
  }

  it('keeps its keys from other users', async () => {
    await openLocalTls(folder, HOSTS);
    for (const name of ['ca.key', 'server.key']) {
      assert.equal(statSync(path.join(folder, 'tls', name)).mode & 0o777, 0o600);
    }
  });
});
