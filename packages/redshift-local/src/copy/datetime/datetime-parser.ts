import type { CivilTime } from './civil-time.js';

/** Reads one date or time text; undefined when it does not fit or names no real moment. */
export type DateTimeParser = (text: string) => CivilTime | undefined;

/** Parts found so far while a text is read. */
export interface TimeParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  offsetMinutes: number | undefined;
  afternoon: boolean | undefined;
}

/** Midnight of 1 January 1. */
export function emptyParts(): TimeParts {
  return {
    year: 1,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    offsetMinutes: undefined,
    afternoon: undefined,
  };
}

/** Applies AM and PM. Undefined for hours a 12-hour clock does not have. */
export function settle(parts: TimeParts): CivilTime | undefined {
  const { afternoon, ...time } = parts;
  if (afternoon === undefined) return time;
  if (time.hour < 1 || time.hour > 12) return undefined;
  return { ...time, hour: (time.hour % 12) + (afternoon ? 12 : 0) };
}
