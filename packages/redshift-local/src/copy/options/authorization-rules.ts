import { RedshiftError } from '../../redshift-error.js';
import type { AwsCredential } from '../s3-settings.js';
import type { TokenCursor } from '../token-cursor.js';
import type { OptionDraft, OptionRules } from './option-draft.js';

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/;

const CREDENTIALS_FORM =
  "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or " +
  "'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'";

function role(text: string): AwsCredential {
  if (text === 'default') return { kind: 'default-role' };
  const arns = text.split(',').map((arn) => arn.trim());
  if (arns.every((arn) => ROLE.test(arn))) return { kind: 'role', arns };
  throw new RedshiftError({ sqlState: '22023', message: `Invalid IAM role ARN '${text}'` });
}

function fromText(text: string): AwsCredential {
  const values = new Map(
    text.split(';').map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return [name.trim().toLowerCase(), rest.join('=').trim()] as const;
    }),
  );
  const arn = values.get('aws_iam_role');
  if (arn) return role(arn);
  const accessKeyId = values.get('aws_access_key_id');
  const secretAccessKey = values.get('aws_secret_access_key');
  const sessionToken = values.get('token');
  if (!accessKeyId || !secretAccessKey) throw new RedshiftError({ sqlState: '22023', message: CREDENTIALS_FORM });
  return { kind: 'keys', keys: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}

function credentials(cursor: TokenCursor, draft: OptionDraft): void {
  cursor.acceptWord('as');
  draft.credential = fromText(cursor.string());
}

/** IAM_ROLE, CREDENTIALS, ACCESS_KEY_ID and its companions (DG "Authorization parameters"). */
export const AUTHORIZATION_RULES: OptionRules = {
  iam_role(cursor, draft) {
    cursor.acceptWord('as');
    draft.credential = cursor.acceptWord('default') ? { kind: 'default-role' } : role(cursor.string());
  },
  credentials,
  with(cursor, draft) {
    cursor.expectWord('credentials');
    credentials(cursor, draft);
  },
  access_key_id(cursor, draft) {
    cursor.acceptWord('as');
    draft.accessKeyId = cursor.string();
  },
  secret_access_key(cursor, draft) {
    cursor.acceptWord('as');
    draft.secretAccessKey = cursor.string();
  },
  session_token(cursor, draft) {
    cursor.acceptWord('as');
    draft.sessionToken = cursor.string();
  },
};

/** The one credential of the statement. Throws RedshiftError when none or only half of one is there. */
export function resolveCredential(draft: OptionDraft): AwsCredential {
  if (draft.credential !== undefined) return draft.credential;
  const { accessKeyId, secretAccessKey, sessionToken } = draft;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { kind: 'keys', keys: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
  }
  throw new RedshiftError({
    sqlState: '42601',
    message: 'COPY from S3 needs credentials',
    hint: "Add IAM_ROLE 'arn:aws:iam::<account>:role/<name>' or IAM_ROLE default.",
  });
}
