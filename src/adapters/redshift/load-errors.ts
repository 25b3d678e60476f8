import type { RejectedRow } from '../../domain/facts.js';
import { quoteLiteral } from './quote.js';
import type { Row, Session } from './session.js';

/** Rows that COPYs of a session rejected. */
export interface LoadErrors {
  readonly count: number;
  /** The first ones by file and line; at most 20. */
  readonly rows: readonly RejectedRow[];
}

const MAX_REJECTS = 20;
const MAX_VALUE_LENGTH = 200;
/** The system views of a real cluster follow its queries by a moment (DG "SYS monitoring views"). */
const VIEWS_SETTLE_MS = 5_000;
const ASK_EVERY_MS = 250;

interface LoadErrorView {
  readonly name: string;
  /** Columns of the view by the names used here. */
  readonly select: string;
  readonly session: string;
  readonly startedAt: string;
}

/** STL first, because it alone has the rejected value; it stays empty on Serverless and on concurrency-scaling clusters. */
const VIEWS: readonly LoadErrorView[] = [
  {
    name: 'stl_load_errors',
    select: 'filename as file, line_number as line, colname as col, raw_field_value as value, err_reason as reason',
    session: 'session',
    startedAt: 'starttime',
  },
  {
    name: 'sys_load_error_detail',
    select: "file_name as file, line_number as line, column_name as col, '' as value, error_message as reason",
    session: 'session_id',
    startedAt: 'start_time',
  },
];

/** The server's clock, to the second: load errors of earlier users of the same process id lie before it. */
export async function serverTime(session: Session): Promise<string> {
  const { rows } = await session.run({ sql: 'select getdate() as now', action: 'Asking the time' });
  return rows[0]?.now ?? '1970-01-01';
}

/**
 * What the COPYs of this session rejected since `startedAt`. With `expected` it waits a moment for views that are not there yet.
 * Must not run inside an aborted transaction.
 */
export async function readLoadErrors(
  session: Session,
  request: {
    readonly startedAt: string;
    /** True when COPY said that it rejected rows. */
    readonly expected: boolean;
    /** The load views there are; see findLoadViews. */
    readonly views: ReadonlySet<string>;
  },
): Promise<LoadErrors> {
  const views = VIEWS.filter(({ name }) => request.views.has(name));
  const deadline = performance.now() + (request.expected ? VIEWS_SETTLE_MS : 0);
  for (;;) {
    for (const view of views) {
      const found = await readView(session, view, request.startedAt);
      if (found.count > 0) return found;
    }
    if (performance.now() >= deadline) return { count: 0, rows: [] };
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

async function readView(session: Session, view: LoadErrorView, startedAt: string): Promise<LoadErrors> {
  const where = `where ${view.session} = pg_backend_pid() and ${view.startedAt} >= ${quoteLiteral(startedAt)}`;
  const action = `Reading the rejected rows from ${view.name}`;
  const total = await session.run({ sql: `select count(*) as total from ${view.name} ${where}`, action });
  const count = Number(total.rows[0]?.total ?? 0);
  if (count === 0) return { count, rows: [] };
  const { rows } = await session.run({
    sql: `select ${view.select} from ${view.name} ${where} order by 1, 2 limit ${MAX_REJECTS}`,
    action,
  });
  return { count, rows: rows.map(toRejectedRow) };
}

/** The views' CHAR columns come padded with blanks. */
function toRejectedRow(row: Row): RejectedRow {
  const column = row.col?.trim() ?? '';
  const value = row.value?.trim() ?? '';
  return {
    file: row.file?.trim() ?? '',
    line: Number(row.line ?? 0),
    ...(column === '' ? {} : { column }),
    ...(value === '' ? {} : { value: shorten(value) }),
    reason: row.reason?.trim() ?? '',
  };
}

function shorten(value: string): string {
  return value.length <= MAX_VALUE_LENGTH ? value : `${value.slice(0, MAX_VALUE_LENGTH)}...`;
}
