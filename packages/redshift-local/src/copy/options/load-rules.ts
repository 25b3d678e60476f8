import { RedshiftError } from '../../redshift-error.js';
import type { TokenCursor } from '../token-cursor.js';
import type { OptionRule, OptionRules } from './option-draft.js';

/** DG MAXERROR. */
const MOST_ERRORS = 100_000;

function acceptSwitch(cursor: TokenCursor, words: readonly string[]): void {
  words.some((word) => cursor.acceptWord(word));
}

function refuse(feature: string): OptionRule {
  return () => {
    throw new RedshiftError({ sqlState: '0A000', message: `COPY: ${feature} is not supported by redshift-local` });
  };
}

/** Where the data comes from and how the load runs (DG "COPY from Amazon S3", "Data load operations"). */
export const LOAD_RULES: OptionRules = {
  manifest(_cursor, draft) {
    draft.manifest = true;
  },
  region(cursor, draft) {
    cursor.acceptWord('as');
    draft.region = cursor.string();
  },
  maxerror(cursor, draft) {
    cursor.acceptWord('as');
    const token = cursor.peek();
    draft.maxError = cursor.wholeNumber();
    if (draft.maxError <= MOST_ERRORS) return;
    const message = `MAXERROR value ${draft.maxError} is out of range: 0 to ${MOST_ERRORS}`;
    throw new RedshiftError({ sqlState: '22023', message, position: (token?.start ?? 0) + 1 });
  },
  ignoreallerrors(_cursor, draft) {
    draft.ignoreAllErrors = true;
  },
  noload(_cursor, draft) {
    draft.noLoad = true;
  },
  // Compression changes nothing that can be seen in a local database; statistics are taken after every load.
  compupdate(cursor) {
    acceptSwitch(cursor, ['on', 'off', 'true', 'false', 'preset']);
  },
  statupdate(cursor) {
    acceptSwitch(cursor, ['on', 'off', 'true', 'false']);
  },
  comprows(cursor) {
    cursor.wholeNumber();
  },
  encrypted: refuse('ENCRYPTED'),
  master_symmetric_key: refuse('MASTER_SYMMETRIC_KEY'),
  readratio: refuse('READRATIO'),
  ssh: refuse('SSH'),
};
