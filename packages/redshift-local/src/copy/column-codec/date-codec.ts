import type { ConversionOptions } from '../conversion-options.js';
import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { dateText, eraSuffix } from '../datetime/civil-time.js';
import { parseAutoDateTime } from '../datetime/datetime-auto.js';
import type { DateTimeParser } from '../datetime/datetime-parser.js';
import { patternParser } from '../datetime/datetime-pattern.js';
import { LoadErrorCode, type LoadFault } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';

const DEFAULT_PATTERN = 'YYYY-MM-DD';
const DEFAULT_LENGTH = 10;

/** DATE. A time of day in the text is dropped. */
export class DateCodec implements ColumnCodec {
  readonly typeName = 'date';
  readonly length = '0';
  readonly isText = false;
  private readonly parse: DateTimeParser;
  private readonly pattern: string;

  constructor(private readonly options: Pick<ConversionOptions, 'dateFormat' | 'acceptAnyDate'>) {
    this.pattern = options.dateFormat ?? DEFAULT_PATTERN;
    this.parse = options.dateFormat === 'auto' ? parseAutoDateTime : patternParser(this.pattern);
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | null | undefined {
    const text = bytes.toString('latin1', start, end);
    const short = this.options.dateFormat === undefined && text.length < DEFAULT_LENGTH;
    const time = short ? undefined : this.parse(text);
    if (time === undefined) return this.options.acceptAnyDate ? null : this.fault(short);
    out.ascii(dateText(time) + eraSuffix(time));
    return undefined;
  }

  private fault(short: boolean): LoadFault {
    const reason = short
      ? 'Invalid Date Format - length must be 10 or more'
      : `Invalid date format or value [${this.pattern}]`;
    return { code: LoadErrorCode.date, reason, position: 0 };
  }
}
