import { type CivilTime, civilFromDays, fullYear, isRealTime, microsOf, monthNumber } from './civil-time.js';
import { type DateTimeParser, emptyParts, settle, type TimeParts } from './datetime-parser.js';

/** Julian day of 1970-01-01. */
const EPOCH_JULIAN_DAY = 2_440_588;

/** Zone names that load files carry, in minutes east of UTC. */
const ZONES = new Map<string, number>([
  ['z', 0],
  ['utc', 0],
  ['gmt', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['cet', 60],
  ['cest', 120],
]);

const CLOCK = /(?:^|[ t])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?: ?([ap]m))?/;
const COMPACT_CLOCK = /^(\d{6}|\d{8})[ t](\d{2})(\d{2})(\d{2})$/;

type Groups = readonly string[];
type DateRule = readonly [RegExp, (parts: TimeParts, groups: Groups) => void];

function setDate(parts: TimeParts, year: number, month: number, day: number): void {
  parts.year = year;
  parts.month = month;
  parts.day = day;
}

function dayOfYear(parts: TimeParts, year: number, day: number): void {
  const start = Math.floor(Date.UTC(year, 0, 1) / 86_400_000);
  Object.assign(parts, civilFromDays(start + day - 1));
}

/** The date formats of DG "automatic recognition", on what is left once clock, zone and era are taken out. */
const DATES: readonly DateRule[] = [
  [/^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/, (p, [y = '', m = '', d = '']) => setDate(p, Number(y), Number(m), Number(d))],
  [
    /^(\d{1,2})[-/](\d{1,2})[-/](\d{2}|\d{4})$/,
    (p, [m = '', d = '', y = '']) => setDate(p, fullYear(y), Number(m), Number(d)),
  ],
  [/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, (p, [d = '', m = '', y = '']) => setDotted(p, Number(d), Number(m), Number(y))],
  [/^(\d{4})\.?(\d{3})$/, (p, [y = '', d = '']) => dayOfYear(p, Number(y), Number(d))],
  [/^(\d{4})(\d{2})(\d{2})$/, (p, [y = '', m = '', d = '']) => setDate(p, Number(y), Number(m), Number(d))],
  [/^(\d{2})(\d{2})(\d{2})$/, (p, [y = '', m = '', d = '']) => setDate(p, fullYear(y), Number(m), Number(d))],
  [
    /^([a-z]{3,9})[- ](\d{1,2})(?:,? |-)(\d{2,4})$/,
    (p, [m = '', d = '', y = '']) => setDate(p, fullYear(y), monthNumber(m), Number(d)),
  ],
  [
    /^(\d{1,2})[- ]([a-z]{3,9})[- ](\d{2,4})$/,
    (p, [d = '', m = '', y = '']) => setDate(p, fullYear(y), monthNumber(m), Number(d)),
  ],
  [
    /^(\d{4})[- ]([a-z]{3,9})[- ](\d{1,2})$/,
    (p, [y = '', m = '', d = '']) => setDate(p, Number(y), monthNumber(m), Number(d)),
  ],
  [/^j(\d{1,8})$/, (p, [day = '']) => void Object.assign(p, civilFromDays(Number(day) - EPOCH_JULIAN_DAY))],
];

/** `DD.MM.YYYY`; the manual's own example has the month first, so the order is swapped where only that makes a date. */
function setDotted(parts: TimeParts, first: number, second: number, year: number): void {
  if (second > 12) setDate(parts, year, first, second);
  else setDate(parts, year, second, first);
}

/** Takes the zone off the end of the text, if it names one. */
function takeZone(text: string, parts: TimeParts): string {
  const numeric = /(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (numeric) {
    const minutes = Number(numeric[3]) * 60 + Number(numeric[4] ?? 0);
    parts.offsetMinutes = numeric[2] === '-' ? -minutes : minutes;
    return text.slice(0, numeric.index) + numeric[1];
  }
  const named = /(\d) ?([a-z]{1,4})$/.exec(text);
  const offset = ZONES.get(named?.[2] ?? '');
  if (!named || offset === undefined) return text;
  parts.offsetMinutes = offset;
  return text.slice(0, named.index) + named[1];
}

/** Takes the time of day out of the text, wherever it stands. */
function takeClock(text: string, parts: TimeParts): string {
  const compact = COMPACT_CLOCK.exec(text);
  if (compact) {
    [parts.hour, parts.minute, parts.second] = [Number(compact[2]), Number(compact[3]), Number(compact[4])];
    return compact[1] ?? '';
  }
  const found = CLOCK.exec(text);
  if (!found) return text;
  [parts.hour, parts.minute, parts.second] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  parts.micros = microsOf(found[4] ?? '');
  if (found[5]) parts.afternoon = found[5] === 'pm';
  return `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`.replace(/ +/g, ' ').trim();
}

/** DATEFORMAT and TIMEFORMAT 'auto'. */
export const parseAutoDateTime: DateTimeParser = (text): CivilTime | undefined => {
  const parts = emptyParts();
  let rest = text.trim().toLowerCase();
  const beforeChrist = rest.endsWith(' bc');
  // A year before Christ is never meant in short.
  if (beforeChrist)
    rest = rest
      .slice(0, -3)
      .trimEnd()
      .replace(/\b(\d{2})$/, '00$1');
  rest = takeClock(takeZone(rest, parts), parts);
  for (const [rule, assign] of DATES) {
    const found = rule.exec(rest);
    if (!found) continue;
    assign(parts, found.slice(1));
    if (beforeChrist) parts.year = 1 - parts.year;
    const time = settle(parts);
    return time !== undefined && isRealTime(time) ? time : undefined;
  }
  return undefined;
};
