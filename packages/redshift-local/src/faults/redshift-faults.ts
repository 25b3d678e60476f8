/** An error for rules of action `error`, in the words of Redshift. */
export interface FaultError {
  readonly action: 'error';
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string;
}

const RULE = '-----------------------------------------------';

/** The block that Redshift puts under its own errors. */
function particulars(message: string, code: number, context: string, location: string): string {
  const lines = [
    RULE,
    `error:  ${message}`,
    `code:      ${code}`,
    `context:   ${context}`,
    'query:     0',
    `location:  ${location}`,
    'process:   padbmaster [pid=0]',
    RULE,
  ];
  return `\n  ${lines.join('\n  ')}\n`;
}

function internal(message: string, code: number, context: string, location: string): FaultError {
  return { action: 'error', sqlstate: 'XX000', message, detail: particulars(message, code, context, location) };
}

const SLOW_DOWN =
  'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 0,ExtRid 0,CanRetry 1';
const EXPIRED_TOKEN =
  'S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken,Rid 0,ExtRid 0,CanRetry 1';

/**
 * Errors of Redshift for rules: `{ match: '^copy', ...REDSHIFT_FAULTS.slowDown }`. Texts as users report them (DG "Serializable
 * isolation", "COPY load errors"; public issue threads); numbers of queries and processes are zero.
 */
export const REDSHIFT_FAULTS = {
  /** Two transactions under SERIALIZABLE that read what the other wrote. */
  serializableViolation: {
    action: 'error',
    sqlstate: 'XX000',
    message: '1023',
    detail:
      'Serializable isolation violation on table - 100001, transactions forming the cycle are: 1001, 1002 (pid:1003)',
  },
  /** Two transactions under SNAPSHOT that change the same rows. */
  snapshotConflict: {
    action: 'error',
    sqlstate: 'XX000',
    message: 'could not complete because of conflict with concurrent transaction',
  },
  /** S3 throttles a COPY, and goes on doing so while Redshift retries. */
  slowDown: internal(SLOW_DOWN, 8001, 'S3 key being read : s3://bucket/key', 's3_utility.cpp'),
  /** The role's session ended while a COPY read. */
  expiredToken: internal(EXPIRED_TOKEN, 8001, 'S3 key being read : s3://bucket/key', 's3_utility.cpp'),
  outOfMemory: {
    action: 'error',
    sqlstate: '53200',
    message: 'out of memory',
    detail: 'Failed on request of size 1048576.',
  },
  diskFull: internal('Disk Full', 1016, 'node: 0', 'fdisk_api.cpp'),
} as const satisfies Readonly<Record<string, FaultError>>;
