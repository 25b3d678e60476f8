import type { CopyTextBuffer } from '../copy-text-buffer.js';
import { LoadErrorCode, type LoadFault } from '../load-fault.js';
import type { ColumnCodec } from './column-codec.js';

const TIME = /^ *([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)? *$/;
const TIME_WITH_ZONE = /^ *([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?( ?(z|[+-](0\d|1[0-5])(:?[0-5]\d)?))? *$/i;

/** TIME and TIMETZ. */
export class TimeCodec implements ColumnCodec {
  readonly length = '0';
  readonly isText = false;

  constructor(readonly typeName: 'time' | 'timetz') {}

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number): LoadFault | undefined {
    const text = bytes.toString('latin1', start, end);
    const form = this.typeName === 'time' ? TIME : TIME_WITH_ZONE;
    if (!form.test(text)) {
      return { code: LoadErrorCode.timestamp, reason: 'Invalid time format or value [HH24:MI:SS]', position: 0 };
    }
    out.ascii(text.trim());
    return undefined;
  }
}
