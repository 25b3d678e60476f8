import { fullYear, isRealTime, microsOf, monthNumber } from './civil-time.js';
import { type DateTimeParser, emptyParts, settle, type TimeParts } from './datetime-parser.js';

/** Reads its part of the text at `at`; returns the offset after it, or -1. */
type PartReader = (text: string, at: number, parts: TimeParts) => number;

function digits(text: string, at: number, most: number): string {
  return /^\d*/.exec(text.slice(at, at + most))?.[0] ?? '';
}

function numberPart(most: number, assign: (parts: TimeParts, found: string) => void): PartReader {
  return (text, at, parts) => {
    const found = digits(text, at, most);
    if (found === '') return -1;
    assign(parts, found);
    return at + found.length;
  };
}

const monthName: PartReader = (text, at, parts) => {
  const name = /^[a-z]{3,9}/i.exec(text.slice(at, at + 9))?.[0] ?? '';
  parts.month = monthNumber(name);
  return parts.month === 0 ? -1 : at + name.length;
};

const seconds: PartReader = (text, at, parts) => {
  const whole = digits(text, at, 2);
  if (whole === '') return -1;
  parts.second = Number(whole);
  const end = at + whole.length;
  if (text[end] !== '.') return end;
  const fraction = digits(text, end + 1, 12);
  parts.micros = microsOf(fraction);
  return end + 1 + fraction.length;
};

const halfDay: PartReader = (text, at, parts) => {
  const mark = text.slice(at, at + 2).toLowerCase();
  if (mark !== 'am' && mark !== 'pm') return -1;
  parts.afternoon = mark === 'pm';
  return at + 2;
};

/** Parts of DG "DATEFORMAT and TIMEFORMAT strings", longest first. */
const PARTS: readonly (readonly [string, PartReader])[] = [
  [
    'yyyy',
    numberPart(4, (parts, found) => {
      parts.year = Number(found);
    }),
  ],
  [
    'hh24',
    numberPart(2, (parts, found) => {
      parts.hour = Number(found);
    }),
  ],
  [
    'hh12',
    numberPart(2, (parts, found) => {
      parts.hour = Number(found);
    }),
  ],
  ['mon', monthName],
  [
    'yy',
    numberPart(2, (parts, found) => {
      parts.year = fullYear(found);
    }),
  ],
  [
    'mm',
    numberPart(2, (parts, found) => {
      parts.month = Number(found);
    }),
  ],
  [
    'dd',
    numberPart(2, (parts, found) => {
      parts.day = Number(found);
    }),
  ],
  [
    'hh',
    numberPart(2, (parts, found) => {
      parts.hour = Number(found);
    }),
  ],
  [
    'mi',
    numberPart(2, (parts, found) => {
      parts.minute = Number(found);
    }),
  ],
  ['ss', seconds],
  ['am', halfDay],
  ['pm', halfDay],
];

function literal(character: string): PartReader {
  return (text, at) => (text[at]?.toLowerCase() === character ? at + 1 : -1);
}

function compile(pattern: string): readonly PartReader[] {
  const lower = pattern.toLowerCase();
  const readers: PartReader[] = [];
  for (let at = 0; at < lower.length; ) {
    const part = PARTS.find(([name]) => lower.startsWith(name, at));
    readers.push(part?.[1] ?? literal(lower.charAt(at)));
    at += part?.[0].length ?? 1;
  }
  return readers;
}

/**
 * A parser for a DATEFORMAT or TIMEFORMAT string. The text may stop early between two parts, so that a date without a time of
 * day is midnight; it may not go on behind the pattern.
 */
export function patternParser(pattern: string): DateTimeParser {
  const readers = compile(pattern);
  return (text) => {
    const parts = emptyParts();
    let at = 0;
    let read = 0;
    for (const reader of readers) {
      if (at === text.length && read >= 5) break;
      at = reader(text, at, parts);
      if (at < 0) return undefined;
      read++;
    }
    if (at !== text.length) return undefined;
    const time = settle(parts);
    return time !== undefined && isRealTime(time) ? time : undefined;
  };
}
