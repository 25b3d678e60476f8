import type { Token } from '../../sql/token.js';
import { type ConversionOptions, DEFAULT_CONVERSION } from '../conversion-options.js';
import type { JsonMapping } from '../copy-command.js';
import type { AwsCredential } from '../s3-settings.js';
import type { TokenCursor } from '../token-cursor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The options of a COPY while they are read, in any order. */
export interface OptionDraft {
  /** The options seen so far, with the token each started at. */
  readonly seen: Map<string, Token>;
  credential?: AwsCredential;
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  region?: string;
  manifest: boolean;
  json?: JsonMapping;
  csv: boolean;
  quote?: string;
  delimiter?: string;
  escape: boolean;
  removeQuotes: boolean;
  gzip: boolean;
  conversion: Mutable<ConversionOptions>;
  nullText?: string;
  headerLines: number;
  ignoreBlankLines: boolean;
  fillRecord: boolean;
  trimBlanks: boolean;
  maxError: number;
  ignoreAllErrors: boolean;
  noLoad: boolean;
  explicitIds: boolean;
}

/** Reads what follows the option's first word into the draft. */
export type OptionRule = (cursor: TokenCursor, draft: OptionDraft) => void;

/** Options by their first word. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** COPY without any option. */
export function emptyDraft(): OptionDraft {
  return {
    seen: new Map(),
    manifest: false,
    csv: false,
    escape: false,
    removeQuotes: false,
    gzip: false,
    conversion: { ...DEFAULT_CONVERSION },
    headerLines: 0,
    ignoreBlankLines: false,
    fillRecord: false,
    trimBlanks: false,
    maxError: 0,
    ignoreAllErrors: false,
    noLoad: false,
    explicitIds: false,
  };
}
