import type { ConversionOptions } from './conversion-options.js';
import type { S3Location } from './s3-location.js';
import type { AwsCredential } from './s3-settings.js';

/** How JSON values find their columns. */
export type JsonMapping =
  | { readonly kind: 'auto'; readonly ignoreCase: boolean }
  | { readonly kind: 'paths'; readonly file: S3Location };

/** The format of the data files. */
export type CopyFormat =
  | { readonly kind: 'json'; readonly mapping: JsonMapping }
  | { readonly kind: 'csv'; readonly delimiter: string; readonly quote: string }
  | {
      readonly kind: 'delimited';
      readonly delimiter: string;
      readonly escape: boolean;
      readonly removeQuotes: boolean;
    };

/** A COPY statement, understood. */
export interface CopyCommand {
  readonly schema: string | undefined;
  readonly table: string;
  /** In the order of the statement; undefined without column list. */
  readonly columns: readonly string[] | undefined;
  /** A key prefix, or the manifest when `manifest` is set. */
  readonly source: S3Location;
  readonly manifest: boolean;
  readonly credential: AwsCredential;
  readonly region: string | undefined;
  readonly format: CopyFormat;
  readonly gzip: boolean;
  readonly conversion: ConversionOptions;
  /** The text that loads as NULL in delimited files. */
  readonly nullText: string;
  readonly headerLines: number;
  readonly ignoreBlankLines: boolean;
  readonly fillRecord: boolean;
  readonly trimBlanks: boolean;
  /** The COPY fails once so many rows are rejected; at least 1. */
  readonly errorLimit: number;
  readonly noLoad: boolean;
  readonly explicitIds: boolean;
}
