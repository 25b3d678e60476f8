import { civilFromMicros } from './civil-time.js';
import type { DateTimeParser } from './datetime-parser.js';

const EPOCH = /^ *([+-]?)(\d{1,17})(?:\.(\d*))? *$/;

/** A parser for TIMEFORMAT 'epochsecs' (1 unit = 1,000,000 microseconds) and 'epochmillisecs' (1,000); the result is UTC. */
export function epochParser(microsPerUnit: 1_000_000 | 1000): DateTimeParser {
  const fractionDigits = microsPerUnit === 1000 ? 3 : 6;
  return (text) => {
    const found = EPOCH.exec(text);
    if (!found) return undefined;
    const [, sign, whole = '', digits = ''] = found;
    const fraction = BigInt(digits.slice(0, fractionDigits).padEnd(fractionDigits, '0'));
    const micros = BigInt(whole) * BigInt(microsPerUnit) + fraction;
    return civilFromMicros(sign === '-' ? -micros : micros);
  };
}
