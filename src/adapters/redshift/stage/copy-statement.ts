import type { CopyOptions } from '../../warehouse/warehouse-file.js';
import { qualify, quoteIdentifier, quoteLiteral } from '../quote.js';

/** Compression of every file of one COPY. */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'zstd';

/** One COPY of the files that a manifest lists. */
export interface CopyStatement {
  /** Absent for a temporary table. */
  readonly schema?: string | undefined;
  readonly table: string;
  /** Columns to fill, in the order of the JSONPaths. @default all of the table but IDENTITY ones */
  readonly columns?: readonly string[] | undefined;
  /** `s3://` URL of the manifest. */
  readonly manifestUrl: string;
  /** ARN, several ARNs chained by commas, or `default`. */
  readonly iamRole: string;
  readonly format: 'json';
  /** `auto`, `auto ignorecase` or the `s3://` URL of a JSONPaths file. */
  readonly jsonpaths: string;
  readonly compression: Compression;
  readonly options: CopyOptions;
  /** Region of the source's bucket. @default the cluster's own */
  readonly region?: string | undefined;
  /** Rows that may be rejected, 0 to 99999; 100000 is taken for 99999. */
  readonly maxErrors: number;
}

const MAX_ERROR_LIMIT = 100_000;

/**
 * The COPY in Redshift's own SQL (DG "COPY"). It holds no credential: access is by role only. MANIFEST pins the exact files, where a
 * prefix would load every key that happens to begin with it.
 */
export function copyStatement(copy: CopyStatement): string {
  const role = copy.iamRole === 'default' ? 'default' : quoteLiteral(copy.iamRole);
  const lines = [
    `copy ${targetOf(copy)}`,
    `from ${quoteLiteral(copy.manifestUrl)}`,
    `iam_role ${role}`,
    'manifest',
    `format as json ${quoteLiteral(copy.jsonpaths)}`,
    ...(copy.region === undefined ? [] : [`region ${quoteLiteral(copy.region)}`]),
    ...(copy.compression === 'none' ? [] : [copy.compression]),
    ...optionLines(copy.options),
    `maxerror ${errorLimit(copy.maxErrors)}`,
  ];
  return lines.join('\n');
}

function targetOf({ schema, table, columns }: CopyStatement): string {
  const name = schema === undefined ? quoteIdentifier(table) : qualify(schema, table);
  return columns === undefined ? name : `${name} (${columns.map(quoteIdentifier).join(', ')})`;
}

/** COPY fails when it has met MAXERROR errors, not when it has met more of them, and takes 100000 at most (DG "MAXERROR"). */
function errorLimit(maxErrors: number): number {
  return maxErrors === 0 ? 0 : Math.min(maxErrors + 1, MAX_ERROR_LIMIT);
}

function optionLines(options: CopyOptions): string[] {
  return [
    ...flag('emptyasnull', options.emptyAsNull),
    ...flag('blanksasnull', options.blanksAsNull),
    ...flag('truncatecolumns', options.truncateColumns),
    ...valued('acceptinvchars', options.acceptInvalidChars),
    ...flag('acceptanydate', options.acceptAnyDate),
    ...valued('null as', options.nullAs),
    ...valued('timeformat', options.timeFormat),
    ...valued('dateformat', options.dateFormat),
    ...onOff('compupdate', options.compUpdate),
    ...onOff('statupdate', options.statUpdate),
  ];
}

function flag(word: string, on: boolean | undefined): string[] {
  return on === true ? [word] : [];
}

function valued(words: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${words} ${quoteLiteral(value)}`];
}

function onOff(word: string, on: boolean | undefined): string[] {
  return on === undefined ? [] : [`${word} ${on ? 'on' : 'off'}`];
}
