import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { bitString, boolean, element, integer, octetString, oid, sequence, set, utcTime, utf8 } from './der.js';

/** Object identifiers of RFC 5280 and RFC 5758. */
const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
};

/** Bits 5 and 6 of KeyUsage: keyCertSign and cRLSign. */
const USAGE_SIGN_CERTIFICATES = bitString(Buffer.from([0x06]), 1);
/** Bit 0: digitalSignature, all that ECDHE handshakes need. */
const USAGE_SIGN_HANDSHAKES = bitString(Buffer.from([0x80]), 7);

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
  readonly issuer?: KeyAndCertificate & { readonly commonName: string };
}

/**
 * Makes an ECDSA P-256 key and an X.509 v3 certificate (RFC 5280) for it: a certificate authority, or a server certificate issued by one.
 */
export function issueCertificate(request: CertificateRequest): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicInfo = publicKey.export({ type: 'spki', format: 'der' });
  const { issuer } = request;
  const issuerInfo =
    issuer === undefined ? publicInfo : createPublicKey(issuer.cert).export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  // An hour of grace for a clock that is behind ours, as in virtual machines.
  const from = new Date(Date.now() - 3_600_000);
  const until = new Date(Date.now() + request.days * 86_400_000);
  const body = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(issuer?.commonName ?? request.commonName),
    sequence(utcTime(from), utcTime(until)),
    name(request.commonName),
    publicInfo,
    element(0xa3, sequence(...extensions(request, publicInfo, issuerInfo))),
  );
  const signature = sign('sha256', body, createPrivateKey(issuer?.key ?? key));
  const der = sequence(body, algorithm, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n` };
}

function extensions(request: CertificateRequest, publicInfo: Buffer, issuerInfo: Buffer): Buffer[] {
  const isAuthority = request.issuer === undefined;
  const common = [
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicInfo))),
    extension(OID.authorityKeyIdentifier, sequence(element(0x80, keyIdentifier(issuerInfo)))),
    extension(OID.basicConstraints, isAuthority ? sequence(boolean(true)) : sequence(), true),
    extension(OID.keyUsage, isAuthority ? USAGE_SIGN_CERTIFICATES : USAGE_SIGN_HANDSHAKES, true),
  ];
  if (isAuthority) return common;
  const names = (request.hosts ?? []).map((host) =>
    isIPv4(host) || isIPv6(host) ? element(0x87, addressBytes(host)) : element(0x82, Buffer.from(host, 'ascii')),
  );
  return [
    ...common,
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
    extension(OID.subjectAltName, sequence(...names)),
  ];
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(oid(OID.commonName), utf8(commonName))));
}

function keyIdentifier(publicInfo: Buffer): Buffer {
  return createHash('sha1').update(publicInfo).digest();
}

/** The four or sixteen bytes of an address; the loopback address is the only IPv6 one in use. */
function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
