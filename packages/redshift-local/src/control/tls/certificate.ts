// @peculiar/x509 registers its encoders with the metadata of this polyfill, so it is loaded first.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/** A private key and the certificate of its public key, both PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

/** What a certificate is for; without `issuer` it signs itself and may sign others. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly days: number;
  /** Host names and addresses a server certificate is valid for. */
  readonly hosts?: readonly string[];
  readonly issuer?: KeyAndCertificate;
}

/**
 * Makes an ECDSA P-256 key and an X.509 v3 certificate (RFC 5280) for it: a certificate authority, or a server certificate issued by one.
 */
export async function issueCertificate(request: CertificateRequest): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const issuer = request.issuer && new X509Certificate(request.issuer.cert);
  const subject = [{ CN: [request.commonName] }];
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subjectName ?? subject,
    // An hour of grace for a clock that is behind ours, as in virtual machines.
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + request.days * 86_400_000),
    publicKey: keys.publicKey,
    signingKey: request.issuer ? await readKey(request.issuer.key) : keys.privateKey,
    extensions: await extensions(request, keys.publicKey, issuer),
  });
  return {
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `${certificate.toString('pem')}\n`,
  };
}

function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign']);
}

async function extensions(
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  issuer: X509Certificate | undefined,
): Promise<Extension[]> {
  const subjectKey = await SubjectKeyIdentifierExtension.create(publicKey);
  // The identifier that the authority states, however it was computed: verifiers compare the two.
  const issuerKey = issuer ? issuer.getExtension(SubjectKeyIdentifierExtension) : subjectKey;
  const usage = issuer ? KeyUsageFlags.digitalSignature : KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  const common = [
    subjectKey,
    ...(issuerKey ? [new AuthorityKeyIdentifierExtension(issuerKey.keyId)] : []),
    new BasicConstraintsExtension(issuer === undefined, undefined, true),
    new KeyUsagesExtension(usage, true),
  ];
  if (issuer === undefined) return common;
  const names = (request.hosts ?? []).map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const);
  return [
    ...common,
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names),
  ];
}
