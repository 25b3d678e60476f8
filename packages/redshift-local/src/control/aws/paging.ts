import { invalidValue } from './aws-error.js';
import type { QueryParams } from './query-params.js';

/** One page of a listing, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly marker: string | undefined;
}

/** Cuts a listing by Marker and MaxRecords, as Redshift does (20 to 100 records, 100 by default). Throws InvalidParameterValue. */
export function pageOf<T>(items: readonly T[], params: QueryParams): Page<T> {
  const size = params.integer('MaxRecords') ?? 100;
  if (size < 20 || size > 100)
    throw invalidValue(`Invalid value for MaxRecords: ${size}. It must be between 20 and 100.`);
  const marker = params.text('Marker') ?? '';
  const start = marker === '' ? 0 : Number(Buffer.from(marker, 'base64url').toString('latin1'));
  if (!Number.isInteger(start) || start < 0) throw invalidValue('Invalid Marker.');
  const end = start + size;
  return {
    items: items.slice(start, end),
    marker: end < items.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
}
