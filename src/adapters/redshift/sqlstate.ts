import type { FailureKind } from '../../domain/failure.js';

/** A rule of the table: all that it names must match. */
export interface SqlFailureRule {
  /** Name of the class, as documentation and tests call it. */
  readonly name: string;
  /** Codes it applies to: whole SQLSTATEs, their two-character classes, or codes of Node. Absent: any. */
  readonly codes?: readonly string[];
  /** Text of the error it applies to. Absent: any. */
  readonly text?: RegExp;
  readonly kind: FailureKind;
  /** What to do next: one or two sentences. */
  readonly advice: string;
}

const CREDENTIALS_ADVICE =
  'Correct the user or the password that the input refers to. It is not tried again, because repeated failures lock the user out.';
const CONFLICT_ADVICE = 'It is tried again; if it stays, look for other loads into the same tables.';
const LOST_ADVICE = 'The next attempt asks the ledger first whether the work was committed.';
const REACH_ADVICE =
  "Check the host, the port, the cluster's security group (cluster.ingress) and that the worker is inside its network.";

/**
 * The one place that tells what an error of the warehouse or of the connection to it means. The first rule that matches counts, so
 * texts stand before the codes they share: Redshift reports most of its own errors as XX000. Sources: PostgreSQL "Error Codes";
 * DG "Serializable isolation" (1023), "COPY load errors"; error names of node:tls and libuv.
 */
export const SQL_FAILURES: readonly SqlFailureRule[] = [
  // Conflicts between transactions.
  {
    name: 'serializable conflict',
    codes: ['XX000', '40001'],
    text: /(^|ERROR: *|code: *)1023\b|serializable isolation violation/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
  },
  {
    name: 'snapshot conflict',
    text: /conflict with concurrent transaction|could not serialize access/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
  },
  {
    name: 'relation replaced meanwhile',
    text: /could not open relation with OID|concurrently (dropped|updated)/i,
    kind: 'sqlConflict',
    advice: CONFLICT_ADVICE,
  },
  { name: 'deadlock', codes: ['40001', '40P01', '55P03', '55006'], kind: 'sqlConflict', advice: CONFLICT_ADVICE },
  {
    name: 'created meanwhile',
    codes: ['42P06', '42P07', '42710'],
    kind: 'sqlConflict',
    advice: 'Another run created it at the same time; it is tried again.',
  },
  {
    name: 'created meanwhile, told by the catalogue',
    text: /duplicate key value violates unique constraint "pg_/i,
    kind: 'sqlConflict',
    advice: 'Another run created it at the same time; it is tried again.',
  },

  // COPY and its source.
  {
    name: 'JSONPaths',
    text: /jsonpaths? (file|size|expression)|number of jsonpaths/i,
    kind: 'source',
    advice: 'Mend the JSONPaths file, one path for each column of the table in its order, then retry the step.',
  },
  {
    name: 'other region',
    text: /different region|PermanentRedirect|AuthorizationHeaderMalformed|301 Moved/i,
    kind: 'source',
    advice: 'Name the region of the bucket in the input: "source": {"region": "..."}.',
  },
  {
    name: 'role not attached',
    text: /not authorized to (assume|get credentials of) (IAM )?role|role .*is not (attached|associated|valid)|invalid (IAM )?role|no default (IAM )?role|default IAM role/i,
    kind: 'sqlTerminal',
    advice: 'Attach the role to the cluster, let Redshift assume it, or name another role in the input ("iamRole").',
  },
  {
    name: 'S3 denied',
    text: /S3ServiceException.*(Access Denied,|Status 403\b|Error AccessDenied)/is,
    kind: 'source',
    advice: "Give the cluster's role s3:GetObject and s3:ListBucket on the source, or name a role that has them.",
  },
  {
    name: 'S3 object gone',
    text: /NoSuchKey|NoSuchBucket|specified (key|bucket) does not exist|prefix .* does not exist|Mandatory url is not present|manifest .*(not found|does not exist)/i,
    kind: 'source',
    advice: 'Put the file back and retry the step: a retry lists the source anew.',
  },
  // After the causes that stay: only here do numbers say anything, and keys and request ids are full of them.
  {
    name: 'S3 throttles',
    text: /S3ServiceException.*(Status (500|503)\b|Error (SlowDown|InternalError|ServiceUnavailable|RequestTimeout))/is,
    kind: 'sqlTransient',
    advice: 'S3 asked to slow down or failed for a moment; it is tried again.',
  },

  // TLS.
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
  },
  {
    name: 'certificate of another host',
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
    kind: 'tls',
    advice: 'Use the host name that the certificate was made for.',
  },
  {
    name: 'certificate out of date',
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REVOKED'],
    kind: 'tls',
    advice: "Renew the server's certificate, and check the clock of the worker.",
  },
  {
    name: 'no TLS',
    text: /does not support SSL|error establishing an SSL connection/i,
    kind: 'tls',
    advice: 'Starshift never connects without TLS: switch it on at the server.',
  },
  { name: 'TLS handshake', codes: ['EPROTO', 'ERR_SSL_*'], kind: 'tls', advice: 'Redshift needs TLS 1.2 or newer.' },

  // Who may connect.
  { name: 'authentication', codes: ['28'], kind: 'authentication', advice: CREDENTIALS_ADVICE },
  {
    name: 'authentication exchange',
    text: /password authentication failed|^SASL|client password must be a string/i,
    kind: 'authentication',
    advice: CREDENTIALS_ADVICE,
  },

  // Reaching the endpoint.
  {
    name: 'name not resolved',
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    kind: 'unreachable',
    advice: "Check the host's name, and that the worker can resolve it.",
  },
  {
    name: 'unreachable',
    codes: ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'],
    kind: 'unreachable',
    advice: REACH_ADVICE,
  },
  {
    name: 'connect timeout',
    text: /timeout expired|due to connection timeout/i,
    kind: 'unreachable',
    advice: REACH_ADVICE,
  },

  // Lost on the way.
  { name: 'connection lost', codes: ['08', '57P01', '57P02', '57P05'], kind: 'sqlTransient', advice: LOST_ADVICE },
  {
    name: 'connection reset',
    codes: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'],
    kind: 'sqlTransient',
    advice: LOST_ADVICE,
  },
  {
    name: 'connection ended',
    text: /connection terminated|connection error and is not queryable|client was closed|server closed the connection/i,
    kind: 'sqlTransient',
    advice: LOST_ADVICE,
  },
  { name: 'starting up', codes: ['57P03'], kind: 'sqlTransient', advice: 'The warehouse is starting or stopping.' },
  {
    name: 'read-only for now',
    codes: ['25006'],
    kind: 'sqlTransient',
    advice: 'The cluster is read-only while it is resized; it is tried again.',
  },
  {
    name: 'cancelled',
    codes: ['57014'],
    kind: 'sqlTerminal',
    advice: 'Somebody, a statement timeout or a WLM rule cancelled the query. Retry the step when that is settled.',
  },

  // Resources.
  {
    name: 'disk full',
    codes: ['53100'],
    kind: 'sqlTerminal',
    advice: 'Free space or resize the cluster, then retry the step.',
  },
  {
    name: 'disk full, in Redshift words',
    codes: ['XX000'],
    // The whole message, or the error in Redshift's frame; what is quoted may be anybody's words.
    text: /^ *disk full\b|error: *disk full\b/i,
    kind: 'sqlTerminal',
    advice: 'Free space or resize the cluster, then retry the step.',
  },
  { name: 'out of resources', codes: ['53'], kind: 'sqlTransient', advice: 'It is tried again.' },
  { name: 'server I/O', codes: ['58'], kind: 'sqlTransient', advice: 'It is tried again.' },

  // The statement.
  {
    name: 'permission',
    codes: ['42501'],
    kind: 'sqlTerminal',
    advice: 'Grant the user what is missing, or connect as another user.',
  },
  {
    name: 'missing object',
    codes: ['42P01', '3F000'],
    kind: 'sqlTerminal',
    advice: 'Create the tables first (createTables), with the same warehouse, design and schema.',
  },
  {
    name: 'missing column or function',
    codes: ['42703', '42883'],
    kind: 'sqlTerminal',
    advice: 'Correct the SQL of the warehouse folder, or create the tables anew with "recreate": true.',
  },
  {
    name: 'missing database',
    codes: ['3D000'],
    kind: 'sqlTerminal',
    advice: 'Correct the name of the database, or create it.',
  },
  {
    name: 'dependent objects',
    codes: ['2BP01'],
    kind: 'sqlTerminal',
    advice: 'Drop what depends on the table, or keep the table: run without "recreate".',
  },
  {
    name: 'constraint',
    codes: ['23'],
    kind: 'sqlTerminal',
    advice: 'Correct the data or the statement, then retry the step.',
  },
  {
    name: 'data',
    codes: ['22'],
    kind: 'sqlTerminal',
    advice: 'Correct the data or the statement, then retry the step.',
  },
  { name: 'statement', codes: ['42', '0A'], kind: 'sqlTerminal', advice: 'Correct the SQL of the warehouse folder.' },
];

/** What is left: an error of the server that nobody has sorted yet is not tried for ever. */
export const UNKNOWN_SQL_FAILURE: SqlFailureRule = {
  name: 'unknown',
  kind: 'sqlTerminal',
  advice: 'See the message of the server; retry the step when its cause is gone.',
};

/** The rule for an error's code (SQLSTATE or Node's) and text. Pure. */
export function findSqlFailure(error: {
  readonly code?: string | undefined;
  readonly message: string;
}): SqlFailureRule {
  return SQL_FAILURES.find((rule) => matches(rule, error)) ?? UNKNOWN_SQL_FAILURE;
}

function matches(
  rule: SqlFailureRule,
  error: { readonly code?: string | undefined; readonly message: string },
): boolean {
  if (rule.codes !== undefined && !rule.codes.some((code) => matchesCode(code, error.code ?? ''))) return false;
  return rule.text === undefined || rule.text.test(error.message);
}

function matchesCode(pattern: string, code: string): boolean {
  if (pattern.endsWith('*')) return code.startsWith(pattern.slice(0, -1));
  const isSqlState = /^[0-9A-Z]{5}$/.test(code);
  return pattern.length === 2 ? isSqlState && code.startsWith(pattern) : code === pattern;
}
