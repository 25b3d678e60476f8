import { RedshiftError } from '../../redshift-error.js';
import type { ConversionOptions } from '../conversion-options.js';
import type { TargetColumn } from '../target-column.js';
import { BooleanCodec } from './boolean-codec.js';
import { CharCodec } from './char-codec.js';
import type { ColumnCodec } from './column-codec.js';
import { DateCodec } from './date-codec.js';
import { FloatCodec } from './float-codec.js';
import { IntegerCodec } from './integer-codec.js';
import { NumericCodec } from './numeric-codec.js';
import { SuperCodec } from './super-codec.js';
import { TimeCodec } from './time-codec.js';
import { TimestampCodec } from './timestamp-codec.js';
import { VarcharCodec } from './varchar-codec.js';

/** PostgreSQL keeps lengths with the size of a header added. */
const HEADER_BYTES = 4;
const MAX_VARCHAR_BYTES = 65_535;
const DEFAULT_PRECISION = 18;

type CodecRule = (column: TargetColumn, options: ConversionOptions) => ColumnCodec;

function declaredLength(modifier: number, fallback: number): number {
  return modifier < HEADER_BYTES ? fallback : modifier - HEADER_BYTES;
}

const numeric: CodecRule = ({ modifier }, options) => {
  if (modifier < HEADER_BYTES) return new NumericCodec(DEFAULT_PRECISION, 0, options.roundDecimals);
  const packed = modifier - HEADER_BYTES;
  return new NumericCodec((packed >> 16) & 0xffff, packed & 0x7ff, options.roundDecimals);
};

const varchar: CodecRule = ({ modifier }, options) =>
  new VarcharCodec(declaredLength(modifier, MAX_VARCHAR_BYTES), options);

const RULES = new Map<string, CodecRule>([
  ['int2', () => new IntegerCodec('int2')],
  ['int4', () => new IntegerCodec('int4')],
  ['int8', () => new IntegerCodec('int8')],
  ['numeric', numeric],
  ['float4', () => new FloatCodec('float4')],
  ['float8', () => new FloatCodec('float8')],
  ['bool', () => new BooleanCodec()],
  ['varchar', varchar],
  ['text', varchar],
  ['bpchar', ({ modifier }, options) => new CharCodec(declaredLength(modifier, 1), options.truncateColumns)],
  ['date', (_column, options) => new DateCodec(options)],
  ['timestamp', (_column, options) => new TimestampCodec('timestamp', options)],
  ['timestamptz', (_column, options) => new TimestampCodec('timestamptz', options)],
  ['time', () => new TimeCodec('time')],
  ['timetz', () => new TimeCodec('timetz')],
  ['jsonb', (_column, options) => new SuperCodec(options)],
  ['json', (_column, options) => new SuperCodec(options)],
]);

/** The codec for a column. Throws RedshiftError 0A000 for types that COPY cannot load here. */
export function chooseCodec(column: TargetColumn, options: ConversionOptions): ColumnCodec {
  const rule = RULES.get(column.type);
  if (rule === undefined) {
    throw new RedshiftError({
      sqlState: '0A000',
      message: `COPY cannot load column "${column.name}": type ${column.type} is not supported`,
      hint: 'Leave the column out with a column list.',
    });
  }
  return rule(column, options);
}
