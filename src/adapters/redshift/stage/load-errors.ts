import type { RejectedRow } from '../../../domain/facts.js';
import { cutVisibly } from '../../../domain/printable.js';
import { quoteLiteral } from '../quote.js';
import type { Row, Session } from '../session/session.js';

/** Rows that COPYs of a session rejected. */
export interface LoadErrors {
  readonly count: number;
  /** The first ones by file and line; at most 20. */
  readonly rows: readonly RejectedRow[];
}

/** A rejected row with what the file held there. */
export interface RejectedLine extends RejectedRow {
  /** The beginning of the line; absent where the view has no place for it. */
  readonly rawLine?: string | undefined;
}

/** Where and since when to look. */
export interface LoadErrorsRequest {
  /** See serverTime. */
  readonly startedAt: string;
  /** How many rows COPY said that it rejected. */
  readonly expected: number;
  /** The load views there are; see findLoadViews. */
  readonly views: ReadonlySet<string>;
  /** pg_last_copy_id() of one COPY of any session. @default what this session rejected since startedAt */
  readonly copyId?: number | undefined;
  /** How long to wait for views that do not show all of the expected rows yet. @default 5000 */
  readonly settleMs?: number | undefined;
}

const MAX_REJECTS = 20;
const LINES_A_PAGE = 1_000;
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
  readonly query: string;
}

/** STL first, because it alone has the rejected value; it stays empty on Serverless and on concurrency-scaling clusters. */
const VIEWS: readonly LoadErrorView[] = [
  {
    name: 'stl_load_errors',
    select:
      'filename as file, line_number as line, colname as col, raw_field_value as value, err_reason as reason, raw_line as raw',
    session: 'session',
    startedAt: 'starttime',
    query: 'query',
  },
  {
    name: 'sys_load_error_detail',
    select:
      "file_name as file, line_number as line, column_name as col, '' as value, error_message as reason, '' as raw",
    session: 'session_id',
    startedAt: 'start_time',
    query: 'query_id',
  },
];

/** The server's clock, to the second: load errors of earlier users of the same process id lie before it. */
export async function serverTime(session: Session): Promise<string> {
  const { rows } = await session.run({ sql: 'select getdate() as now', action: 'Asking the time' });
  return rows[0]?.now ?? '1970-01-01';
}

/**
 * What the COPYs of this session rejected since `startedAt`. It waits a moment for views that do not show all of the expected rows
 * yet. Must not run inside an aborted transaction.
 */
export async function readLoadErrors(session: Session, request: LoadErrorsRequest): Promise<LoadErrors> {
  const found = await settledView(session, request);
  if (found === undefined) return { count: 0, rows: [] };
  const lines = await readLines(session, { ...request, view: found.view, first: 0, limit: MAX_REJECTS });
  return {
    count: found.count,
    rows: lines.map(({ rawLine: _, value, ...row }) => ({
      ...row,
      ...(value === undefined ? {} : { value: shorten(value) }),
    })),
  };
}

/** How many rows the views show, once they show all of the expected ones or the time is up. */
export async function countLoadErrors(session: Session, request: LoadErrorsRequest): Promise<number> {
  return (await settledView(session, request))?.count ?? 0;
}

/** All of them with their lines, page by page and each once, whatever comes into the views meanwhile. */
export async function* readRejectedLines(
  session: Session,
  request: LoadErrorsRequest,
): AsyncGenerator<readonly RejectedLine[]> {
  const found = await settledView(session, request);
  if (found === undefined) return;
  const seen = new Set<string>();
  for (let first = 0; first < found.count; first += LINES_A_PAGE) {
    const lines = await readLines(session, { ...request, view: found.view, first, limit: LINES_A_PAGE });
    yield lines.filter((line) => isFirst(seen, rejectedLineKey(line)));
  }
}

/** What tells rejected rows of one COPY apart. */
export function rejectedLineKey({ file, line, column = '' }: Pick<RejectedRow, 'file' | 'line' | 'column'>): string {
  return JSON.stringify([file, line, column]);
}

function isFirst(seen: Set<string>, key: string): boolean {
  return !seen.has(key) && seen.add(key).has(key);
}

/** The line of a file that COPY rejected last, in whatever session; undefined where nothing tells. */
export async function lastRejectedLine(
  session: Session,
  { url, views }: { readonly url: string; readonly views: ReadonlySet<string> },
): Promise<string | undefined> {
  if (!views.has('stl_load_errors')) return undefined;
  const { rows } = await session.run({
    sql: `select raw_line from stl_load_errors where filename = ${quoteLiteral(url)} order by starttime desc, line_number limit 1`,
    action: 'Reading the rejected rows from stl_load_errors',
  });
  return rows[0]?.raw_line?.trim();
}

/** The view that has rows, and how many; after a while the one that has some. */
async function settledView(
  session: Session,
  request: LoadErrorsRequest,
): Promise<{ readonly view: LoadErrorView; readonly count: number } | undefined> {
  const { expected, settleMs = VIEWS_SETTLE_MS } = request;
  const views = VIEWS.filter(({ name }) => request.views.has(name));
  const deadline = performance.now() + (views.length === 0 ? 0 : settleMs);
  for (;;) {
    for (const view of views) {
      const count = await countErrors(session, view, request);
      if (count > 0 && (count >= expected || performance.now() >= deadline)) return { view, count };
    }
    if (performance.now() >= deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

async function countErrors(session: Session, view: LoadErrorView, which: WhichCopies): Promise<number> {
  const { rows } = await session.run({
    sql: `select count(*) as total from ${view.name} ${whereOf(view, which)}`,
    action: actionOn(view),
  });
  return Number(rows[0]?.total ?? 0);
}

async function readLines(
  session: Session,
  page: WhichCopies & {
    readonly view: LoadErrorView;
    readonly first: number;
    readonly limit: number;
  },
): Promise<readonly RejectedLine[]> {
  const { view, first, limit } = page;
  const { rows } = await session.run({
    sql: `select ${view.select} from ${view.name} ${whereOf(view, page)} order by 1, 2, 3, 5 limit ${limit} offset ${first}`,
    action: actionOn(view),
  });
  return rows.map(toRejectedLine);
}

type WhichCopies = Pick<LoadErrorsRequest, 'startedAt' | 'copyId'>;

function whereOf(view: LoadErrorView, { startedAt, copyId }: WhichCopies): string {
  if (copyId !== undefined) return `where ${view.query} = ${copyId}`;
  return `where ${view.session} = pg_backend_pid() and ${view.startedAt} >= ${quoteLiteral(startedAt)}`;
}

function actionOn({ name }: LoadErrorView): string {
  return `Reading the rejected rows from ${name}`;
}

/** The views' CHAR columns come padded with blanks. */
function toRejectedLine(row: Row): RejectedLine {
  const column = row.col?.trim() ?? '';
  const value = row.value?.trim() ?? '';
  const rawLine = row.raw?.trim() ?? '';
  return {
    file: row.file?.trim() ?? '',
    line: Number(row.line ?? 0),
    ...(column === '' ? {} : { column }),
    ...(value === '' ? {} : { value }),
    ...(rawLine === '' ? {} : { rawLine }),
    reason: row.reason?.trim() ?? '',
  };
}

function shorten(value: string): string {
  return cutVisibly(value, MAX_VALUE_LENGTH);
}
