import { RedshiftError } from '../../redshift-error.js';
import type { OptionRules } from './option-draft.js';

const DEFAULT_REPLACEMENT = '?';

/** DG "Data conversion parameters". */
export const CONVERSION_RULES: OptionRules = {
  timeformat(cursor, draft) {
    cursor.acceptWord('as');
    draft.conversion.timeFormat = cursor.string();
  },
  dateformat(cursor, draft) {
    cursor.acceptWord('as');
    draft.conversion.dateFormat = cursor.string();
  },
  truncatecolumns(_cursor, draft) {
    draft.conversion.truncateColumns = true;
  },
  blanksasnull(_cursor, draft) {
    draft.conversion.blanksAsNull = true;
  },
  emptyasnull(_cursor, draft) {
    draft.conversion.emptyAsNull = true;
  },
  acceptanydate(_cursor, draft) {
    draft.conversion.acceptAnyDate = true;
  },
  roundec(_cursor, draft) {
    draft.conversion.roundDecimals = true;
  },
  acceptinvchars(cursor, draft) {
    cursor.acceptWord('as');
    const replacement = cursor.acceptString() ?? DEFAULT_REPLACEMENT;
    const byte = replacement.charCodeAt(0);
    if (replacement.length !== 1 || byte === 0 || byte >= 0x80) {
      throw new RedshiftError({ sqlState: '22023', message: 'ACCEPTINVCHARS must be a single ASCII character' });
    }
    draft.conversion.invalidCharReplacement = byte;
  },
  null(cursor, draft) {
    cursor.acceptWord('as');
    const written = cursor.peek()?.text;
    const text = cursor.string();
    // Backslash escapes are already taken from the literal; '\\N' is the one that COPY reads for itself.
    draft.nullText = written === "'\\N'" ? '\\N' : text;
  },
  encoding(cursor) {
    cursor.acceptWord('as');
    const encoding = cursor.acceptString() ?? cursor.word();
    if (/^utf-?8$/i.test(encoding)) return;
    throw new RedshiftError({
      sqlState: '0A000',
      message: `COPY: ENCODING ${encoding} is not supported by redshift-local`,
    });
  },
  explicit_ids(_cursor, draft) {
    draft.explicitIds = true;
  },
  fillrecord(_cursor, draft) {
    draft.fillRecord = true;
  },
  ignoreblanklines(_cursor, draft) {
    draft.ignoreBlankLines = true;
  },
  ignoreheader(cursor, draft) {
    cursor.acceptWord('as');
    draft.headerLines = cursor.wholeNumber();
  },
  trimblanks(_cursor, draft) {
    draft.trimBlanks = true;
  },
};
