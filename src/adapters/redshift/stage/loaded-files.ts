import type { Session } from '../session/session.js';

/** What the session's last COPY loaded. */
export interface LastCopy {
  readonly copyId: number;
  readonly rows: number;
  /** Rows of each file by its S3 URL; empty where the load views do not show them yet. */
  readonly rowsByUrl: ReadonlyMap<string, number>;
}

interface LoadView {
  readonly name: string;
  readonly sql: string;
}

/** STL where the cluster keeps it, SYS on Serverless and concurrency scaling. Unsure: whether SYS knows a copy by pg_last_copy_id(). */
const LOAD_VIEWS: readonly LoadView[] = [
  {
    name: 'stl_load_commits',
    sql: 'select filename as file, sum(lines_scanned) as lines from stl_load_commits where query = pg_last_copy_id() group by 1',
  },
  {
    name: 'sys_load_detail',
    sql: 'select file_name as file, sum(lines_scanned) as lines from sys_load_detail where query_id = pg_last_copy_id() group by 1',
  },
];

/**
 * Facts of the session's last COPY, read inside its transaction. The rows of a file are its scanned lines, those rejected
 * included, for that is what the load views count.
 */
export async function readLastCopy(session: Session, views: ReadonlySet<string>): Promise<LastCopy> {
  const last = await session.run({
    sql: 'select pg_last_copy_id() as id, pg_last_copy_count() as total',
    action: 'Asking what COPY loaded',
  });
  const rowsByUrl = new Map<string, number>();
  for (const view of LOAD_VIEWS.filter(({ name }) => views.has(name))) {
    const { rows } = await session.run({ sql: view.sql, action: 'Asking which files COPY loaded' });
    for (const row of rows) rowsByUrl.set(row.file?.trim() ?? '', Number(row.lines ?? 0));
    if (rowsByUrl.size > 0) break;
  }
  return { copyId: Number(last.rows[0]?.id ?? -1), rows: Number(last.rows[0]?.total ?? 0), rowsByUrl };
}
