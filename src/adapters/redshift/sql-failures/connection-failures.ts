import type { SqlFailureRule } from './sql-failure-rule.js';

const CREDENTIALS_ADVICE =
  'Correct the user or the password that the input refers to. It is not tried again, because repeated failures lock the user out.';
const LOST_ADVICE = 'The next attempt asks the ledger first whether the work was committed.';
const REACH_ADVICE =
  "Check the host, the port, the cluster's security group (cluster.ingress) and that the worker is inside its network.";

/** TLS, logging in, reaching the endpoint and losing it. Error names of node:tls and libuv; PostgreSQL "Error Codes", classes 08, 28, 57. */
export const CONNECTION_FAILURES: readonly SqlFailureRule[] = [
  {
    name: 'certificate not trusted',
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
      'CERT_UNTRUSTED',
      'INVALID_CA',
    ],
    kind: 'tls',
    advice:
      "The worker trusts Amazon's roots only, unless STARSHIFT_REDSHIFT_CA names a PEM file; name the authority that signed this server.",
    example: 'self-signed certificate in certificate chain',
  },
  {
    name: 'certificate of another host',
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
    kind: 'tls',
    advice: 'Use the host name that the certificate was made for.',
    example: "Hostname/IP does not match certificate's altnames",
  },
  {
    name: 'certificate out of date',
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REVOKED'],
    kind: 'tls',
    advice: "Renew the server's certificate, and check the clock of the worker.",
    example: 'certificate has expired',
  },
  {
    name: 'no TLS',
    text: /does not support SSL|error establishing an SSL connection/i,
    kind: 'tls',
    advice: 'Starshift never connects without TLS: switch it on at the server.',
    example: 'The server does not support SSL connections',
  },
  {
    name: 'TLS handshake',
    codes: ['EPROTO', 'ERR_SSL_*'],
    kind: 'tls',
    advice: 'Redshift needs TLS 1.2 or newer.',
    example: 'tlsv1 alert protocol version',
  },
  {
    name: 'authentication',
    codes: ['28'],
    kind: 'authentication',
    advice: CREDENTIALS_ADVICE,
    example: 'password authentication failed for user "admin"',
  },
  {
    name: 'authentication exchange',
    text: /password authentication failed|^SASL|client password must be a string/i,
    kind: 'authentication',
    advice: CREDENTIALS_ADVICE,
    example: 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
  },
  {
    name: 'name not known',
    codes: ['ENOTFOUND'],
    kind: 'unknownHost',
    advice: "Check the host's name, and that the worker can resolve it.",
    example: 'getaddrinfo ENOTFOUND nowhere.invalid',
  },
  {
    name: 'name not resolved for now',
    codes: ['EAI_AGAIN'],
    kind: 'unreachable',
    advice: "Check the host's name, and that the worker can resolve it.",
    example: 'getaddrinfo EAI_AGAIN music.us-west-2.redshift.amazonaws.com',
  },
  {
    name: 'unreachable',
    codes: ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'],
    kind: 'unreachable',
    advice: REACH_ADVICE,
    example: 'connect ECONNREFUSED 10.0.0.1:5439',
  },
  {
    name: 'connect timeout',
    text: /timeout expired|due to connection timeout/i,
    kind: 'unreachable',
    advice: REACH_ADVICE,
    example: 'timeout expired',
  },
  {
    name: 'connection lost',
    codes: ['08', '57P01', '57P02', '57P05'],
    kind: 'sqlTransient',
    advice: LOST_ADVICE,
    example: 'terminating connection due to administrator command',
  },
  {
    name: 'connection reset',
    codes: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'],
    kind: 'sqlTransient',
    advice: LOST_ADVICE,
    example: 'read ECONNRESET',
  },
  {
    name: 'connection ended',
    text: /connection terminated|connection error and is not queryable|client was closed|server closed the connection/i,
    kind: 'sqlTransient',
    advice: LOST_ADVICE,
    example: 'Connection terminated unexpectedly',
  },
  {
    name: 'starting up',
    codes: ['57P03'],
    kind: 'notReady',
    advice: 'The warehouse is starting or stopping; it is tried again.',
    example: 'the database system is starting up',
  },
  {
    name: 'read-only for now',
    codes: ['25006'],
    kind: 'notReady',
    advice: 'The cluster is read-only while it is resized; it is tried again.',
    example: 'transaction is read-only',
  },
];
