import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { issueCertificate, type KeyAndCertificate } from './certificate.js';

const AUTHORITY_NAME = 'redshift-local certificate authority';
const AUTHORITY_DAYS = 3650;
/** Clients of Apple's platforms refuse server certificates that live longer than 825 days. */
const SERVER_DAYS = 397;
/** A certificate that ends sooner than this is made anew at start. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

/** The endpoints' certificate and the authority that clients verify it with. */
export interface LocalTls {
  readonly key: string;
  /** The server's certificate followed by the authority's. */
  readonly cert: string;
  readonly caFile: string;
}

/**
 * The certificate of all local endpoints, valid for `hosts`, issued by an authority of this state folder. Both are kept, keys
 * readable by their owner only, and renewed before they expire; the server's also when a host is not in it yet.
 */
export async function openLocalTls(stateDir: string, hosts: readonly string[]): Promise<LocalTls> {
  const folder = path.join(stateDir, 'tls');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const caFile = path.join(folder, 'ca.pem');
  const files = {
    ca: [path.join(folder, 'ca.key'), caFile],
    server: [path.join(folder, 'server.key'), path.join(folder, 'server.pem')],
  } as const;
  const authority = await keepOrMake(files.ca, isFresh, () =>
    issueCertificate({ commonName: AUTHORITY_NAME, days: AUTHORITY_DAYS }),
  );
  const issuedHere = (cert: X509Certificate): boolean =>
    isFresh(cert) &&
    cert.verify(new X509Certificate(authority.cert).publicKey) &&
    hosts.every((host) => (isIP(host) === 0 ? cert.checkHost(host) : cert.checkIP(host)) !== undefined);
  const server = await keepOrMake(files.server, issuedHere, () =>
    issueCertificate({ commonName: hosts[0] ?? 'localhost', days: SERVER_DAYS, hosts, issuer: authority }),
  );
  return { key: server.key, cert: server.cert + authority.cert, caFile };
}

async function keepOrMake(
  [keyFile, certFile]: readonly [string, string],
  isGood: (cert: X509Certificate) => boolean,
  make: () => Promise<KeyAndCertificate>,
): Promise<KeyAndCertificate> {
  if (existsSync(keyFile) && existsSync(certFile)) {
    const kept = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
    if (isUsable(kept, isGood)) return kept;
  }
  const made = await make();
  replaceFile(keyFile, made.key, 0o600);
  replaceFile(certFile, made.cert, 0o644);
  return made;
}

/** A crash between the writing of the two leaves a key that does not fit, or half a file. */
function isUsable({ key, cert }: KeyAndCertificate, isGood: (cert: X509Certificate) => boolean): boolean {
  try {
    const certificate = new X509Certificate(cert);
    return certificate.checkPrivateKey(createPrivateKey(key)) && isGood(certificate);
  } catch {
    return false;
  }
}

function isFresh(cert: X509Certificate): boolean {
  return Date.parse(cert.validTo) - Date.now() > RENEW_BEFORE_MS;
}

function replaceFile(file: string, content: string, mode: number): void {
  writeFileSync(`${file}.writing`, content, { mode });
  renameSync(`${file}.writing`, file);
}
