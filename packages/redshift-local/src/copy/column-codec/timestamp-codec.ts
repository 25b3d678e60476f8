import type { ConversionOptions } from '../conversion-options.js';
import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { dateText, eraSuffix, offsetText, timeText } from '../datetime/civil-time.js';
import { parseAutoDateTime } from '../datetime/datetime-auto.js';
import { epochParser } from '../datetime/datetime-epoch.js';
import type { DateTimeParser } from '../datetime/datetime-parser.js';
import { patternParser } from '../datetime/datetime-pattern.js';
import { LoadErrorCode, type LoadFault } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';

const DEFAULT_PATTERN = 'YYYY-MM-DD HH24:MI:SS';

function parserFor(typeName: string, format: string | undefined): DateTimeParser {
  if (format === 'epochsecs') return epochParser(1_000_000);
  if (format === 'epochmillisecs') return epochParser(1000);
  if (format === 'auto') return parseAutoDateTime;
  // The default of TIMESTAMPTZ ends in the offset, which patterns cannot express (DG TIMEFORMAT).
  if (format === undefined && typeName === 'timestamptz') return parseAutoDateTime;
  return patternParser(format ?? DEFAULT_PATTERN);
}

/** TIMESTAMP and TIMESTAMPTZ. Without a zone in the text, TIMESTAMPTZ takes it as UTC. */
export class TimestampCodec implements ColumnCodec {
  readonly length = '0';
  readonly isText = false;
  private readonly parse: DateTimeParser;

  constructor(
    readonly typeName: 'timestamp' | 'timestamptz',
    private readonly options: Pick<ConversionOptions, 'timeFormat' | 'acceptAnyDate'>,
  ) {
    this.parse = parserFor(typeName, options.timeFormat);
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | null | undefined {
    const time = this.parse(bytes.toString('latin1', start, end));
    if (time === undefined) return this.options.acceptAnyDate ? null : this.fault();
    const zone = this.typeName === 'timestamptz' ? offsetText(time) : '';
    out.ascii(`${dateText(time)} ${timeText(time)}${zone}${eraSuffix(time)}`);
    return undefined;
  }

  private fault(): LoadFault {
    const reason = `Invalid timestamp format or value [${this.options.timeFormat ?? 'YYYY-MM-DD HH24:MI:SS'}]`;
    return { code: LoadErrorCode.timestamp, reason, position: 0 };
  }
}
