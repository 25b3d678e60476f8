/** A date and time of day as written in a file. */
export interface CivilTime {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Minutes east of UTC; undefined when the text names no zone. */
  readonly offsetMinutes: number | undefined;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Range of TIMESTAMP and DATE (DG "Datetime types"): 4713 BC to 294276 AD. */
const FIRST_YEAR = -4712;
const LAST_YEAR = 294276;

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Whether the fields name a moment that exists; 24:00:00 and leap seconds do not. */
export function isRealTime(time: CivilTime): boolean {
  const { year, month, day } = time;
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return false;
  if (day < 1 || day > daysIn(year, month)) return false;
  return time.hour < 24 && time.minute < 60 && time.second < 60;
}

/** 1 to 12 for an English month name or its first three letters, else 0. */
export function monthNumber(name: string): number {
  return MONTH_NAMES.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

/** Two-digit years: 70-99 are 19xx, the others 20xx, as in PostgreSQL. */
export function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

/** Microseconds of a fraction's digits; what is finer is cut off. */
export function microsOf(fraction: string): number {
  return Number(fraction.slice(0, 6).padEnd(6, '0'));
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `YYYY-MM-DD`, with ` BC` left to {@link eraSuffix}. */
export function dateText(time: CivilTime): string {
  const year = time.year > 0 ? time.year : 1 - time.year;
  return `${String(year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}`;
}

/** `HH:MM:SS[.ffffff]`. */
export function timeText(time: CivilTime): string {
  const seconds = `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
  return time.micros === 0 ? seconds : `${seconds}.${String(time.micros).padStart(6, '0')}`;
}

/** `+HH:MM`; UTC when no zone was named. */
export function offsetText(time: CivilTime): string {
  const minutes = time.offsetMinutes ?? 0;
  const sign = minutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** ` BC` for years before 1. */
export function eraSuffix(time: CivilTime): string {
  return time.year > 0 ? '' : ' BC';
}

/** The time of an epoch value in UTC. `micros` counts from 1970-01-01. Undefined when out of range. */
export function civilFromMicros(micros: bigint): CivilTime | undefined {
  const dayMicros = 86_400_000_000n;
  let days = micros / dayMicros;
  let rest = micros % dayMicros;
  if (rest < 0n) {
    rest += dayMicros;
    days -= 1n;
  }
  if (days > 110_000_000n || days < -2_500_000n) return undefined;
  const time = { ...civilFromDays(Number(days)), ...clock(Number(rest)), offsetMinutes: undefined };
  return isRealTime(time) ? time : undefined;
}

function clock(micros: number): Pick<CivilTime, 'hour' | 'minute' | 'second' | 'micros'> {
  const seconds = Math.floor(micros / 1_000_000);
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: micros % 1_000_000,
  };
}

/** The Gregorian date so many days after 1970-01-01 (the era arithmetic of 400-year cycles starting on 1 March). */
export function civilFromDays(days: number): Pick<CivilTime, 'year' | 'month' | 'day'> {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
