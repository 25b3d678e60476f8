import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { Environment } from '../config.js';

/** Where a command writes: results to stdout, everything else to stderr. */
export interface Terminal {
  /** stderr is a terminal: lines may be re-drawn and coloured, and a person can answer. */
  readonly isLive: boolean;
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Width and height of stderr; undefined where it is no terminal. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  /** A line for people, above the live lines if there are any. */
  say(text: string): void;
  /** Replaces the live lines; nothing without a terminal. */
  draw(text: string): void;
  /** Leaves the live lines as they stand and begins below them. */
  settle(): void;
  /** The command's result. */
  result(text: string): void;
}

/** The terminal of this process. */
export function openTerminal(environment: Environment): Terminal {
  const isLive = process.stderr.isTTY === true && environment.TERM !== 'dumb';
  const hasColors = isLive && (environment.NO_COLOR ?? '') === '';
  const live = createLogUpdate(process.stderr, { showCursor: true });
  let drawn = '';
  return {
    isLive,
    colors: pc.createColors(hasColors),
    size: () => (isLive ? { columns: process.stderr.columns ?? 80, rows: process.stderr.rows ?? 24 } : undefined),
    say(text) {
      if (drawn !== '') live.clear();
      process.stderr.write(`${text}\n`);
      if (drawn !== '') live(drawn);
    },
    draw(text) {
      if (!isLive || text === drawn) return;
      drawn = text;
      // An empty picture would still take a line, which the next one would take for its own.
      if (text === '') live.clear();
      else live(text);
    },
    settle() {
      if (drawn !== '') live.done();
      drawn = '';
    },
    result: (text) => process.stdout.write(`${text}\n`),
  };
}
