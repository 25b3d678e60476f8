import { printableLine } from '../domain/printable.js';
import { formatTable } from './format.js';
import type { Terminal } from './terminal.js';

/** A column of a table that a command prints. */
export interface Column {
  readonly title: string;
  /** For numbers. */
  readonly right?: true;
  /** On a terminal that is too narrow this column gives way, and keeps its beginning or its end. */
  readonly shrinks?: 'keepStart' | 'keepEnd';
}

const MIN_WIDTH = 12;
const GAP = 2;

/**
 * Rows under their titles: on a terminal within its width and with quiet titles, else whole, as a log or another program wants
 * them. Columns without any value are left out. Cells may come from files and servers: control characters are made visible.
 */
export function drawColumns(request: {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly terminal: Pick<Terminal, 'colors'>;
  /** Width of stdout; undefined where it is no terminal. */
  readonly width: number | undefined;
}): string[] {
  const { terminal, width } = request;
  const used = request.columns.map((_, index) => request.rows.some((row) => (row[index] ?? '') !== ''));
  const columns = request.columns.filter((_, index) => used[index]);
  const rows = request.rows.map((row) => row.filter((_, index) => used[index]).map(printableLine));
  const cells = [columns.map(({ title }) => title), ...(width === undefined ? rows : narrow(columns, rows, width))];
  const right = new Set(columns.flatMap((column, index) => (column.right ? [index] : [])));
  const [titles = '', ...lines] = formatTable(cells, right);
  return [width === undefined ? titles : terminal.colors.dim(titles), ...lines];
}

/** Width of stdout for drawColumns. */
export function outputWidth(): number | undefined {
  return process.stdout.isTTY === true ? (process.stdout.columns ?? 80) : undefined;
}

/** At most `width` characters, the rest as an ellipsis. */
export function shorten(text: string, width: number, keep: 'keepStart' | 'keepEnd' = 'keepStart'): string {
  if (text.length <= width) return text;
  return keep === 'keepStart' ? `${text.slice(0, width - 1)}…` : `…${text.slice(text.length - width + 1)}`;
}

/** The widest column that may give way does, until the rows fit or none can any more. */
function narrow(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly (readonly string[])[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const total = () => widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1));
  while (total() > width) {
    const widest = widestToShrink(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) =>
    row.map((cell, index) => {
      const { shrinks } = columns[index] ?? {};
      return shrinks === undefined ? cell : shorten(cell, widths[index] ?? cell.length, shrinks);
    }),
  );
}

function widestToShrink(columns: readonly Column[], widths: readonly number[]): number | undefined {
  return columns
    .map(({ shrinks, title }, index) => ({ index, shrinks, least: Math.max(MIN_WIDTH, title.length) }))
    .filter(({ index, shrinks, least }) => shrinks !== undefined && (widths[index] ?? 0) > least)
    .sort((one, other) => (widths[other.index] ?? 0) - (widths[one.index] ?? 0))[0]?.index;
}
