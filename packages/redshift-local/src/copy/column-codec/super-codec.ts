import type { ConversionOptions } from '../conversion-options.js';
import type { CopyTextBuffer } from '../copy-text-buffer.js';
import type { LoadFault } from '../load-fault.js';
import { FieldKind } from '../row-fields.js';
import type { ColumnCodec } from './column-codec.js';
import { VarcharCodec } from './varchar-codec.js';

/** Largest SUPER value (DG "SUPER type"). */
const MAX_BYTES = 16 * 1024 * 1024;

/** SUPER: JSON values keep their form, text becomes a JSON string. */
export class SuperCodec implements ColumnCodec {
  readonly typeName = 'super';
  readonly length = '0';
  readonly isText = false;
  private readonly text: VarcharCodec;

  constructor(options: Pick<ConversionOptions, 'invalidCharReplacement'>) {
    this.text = new VarcharCodec(MAX_BYTES, { ...options, truncateColumns: false });
  }

  write(out: CopyTextBuffer, bytes: Buffer, start: number, end: number, kind: FieldKind): LoadFault | undefined {
    if (kind !== FieldKind.text) return this.text.write(out, bytes, start, end);
    const json = Buffer.from(JSON.stringify(bytes.toString('utf8', start, end)));
    out.ensure(json.length * 2);
    return this.text.write(out, json, 0, json.length);
  }
}
