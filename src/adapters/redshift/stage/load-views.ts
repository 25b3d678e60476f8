import { quoteLiteral } from '../quote.js';
import type { Session } from '../session/session.js';

/** System views that tell about COPY: STL where the cluster keeps them, SYS also on Serverless and concurrency scaling. */
const LOAD_VIEWS = ['stl_load_commits', 'stl_load_errors', 'sys_load_detail', 'sys_load_error_detail'];

/** Which of them there are. Asked before BEGIN: inside a transaction a missing view would abort the load. */
export async function findLoadViews(session: Session): Promise<ReadonlySet<string>> {
  const { rows } = await session.run({
    sql: `select relname from pg_class where relname in (${LOAD_VIEWS.map(quoteLiteral).join(', ')})`,
    action: 'Looking for the load views',
  });
  return new Set(rows.map((row) => row.relname ?? ''));
}
