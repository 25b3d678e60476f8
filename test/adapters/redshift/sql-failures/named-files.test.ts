import assert from 'node:assert/strict';
import { createTables } from '../../../../src/adapters/redshift/create-tables.js';
import { runCheck } from '../../../../src/adapters/redshift/run-check.js';
import { transformTable } from '../../../../src/adapters/redshift/transform/transform-table.js';
import type { LoadMode } from '../../../../src/domain/input.js';
import { event, song } from '../../../e2e/support/sparkify-data.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { LoadingCase, PATHS } from '../../support/loading-case.js';
import { useStackEnvironment } from '../../support/test-warehouse.js';

const ADVICE =
  'Correct the file of the warehouse folder that the statement is from\\. Only if the file is right and the table ' +
  'is older than the column: alter table \\.\\.\\. add column\\. "recreate": true would add it too, but drops every row of every table\\.';

describe('a statement of the warehouse folder that fails', () => {
  let loading: LoadingCase;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    loading = await LoadingCase.create();
    await loading.put('log_json_path.json', JSON.stringify({ jsonpaths: PATHS.map((name) => `$['${name}']`) }));
    await loading.put('song_data/1.json', song());
    await loading.put('log_data/1.json', event({ itemInSession: 1 }));
    await loading.load({ mode: 'full' });
    await loading.put('log_data/2.json', event({ itemInSession: 2, userId: '27' }));
    await loading.load({ skip: ['users'] });
  });

  after(() => restore());

  /** The transform of users with a misspelt column in one of its statements. */
  function transform(mode: LoadMode, misspelt: 'whole' | 'incremental') {
    const { schema, warehouse } = loading;
    const statement = warehouse.transform('users');
    const { incremental } = statement;
    assert.ok(incremental);
    const misspell = (sql: string) => sql.replaceAll(/\blevel\b/g, 'leval');
    const broken =
      misspelt === 'incremental'
        ? { ...statement, incremental: { ...incremental, query: misspell(incremental.query) } }
        : { ...statement, sql: misspell(statement.sql), query: misspell(statement.query) };
    const key = { workflowId: schema, runId: `${mode}-${misspelt}`, step: 'users', schema, table: 'users' };
    const request = { key, statement: broken, reads: [], mode };
    return loading.server.inSession((session) => transformTable(session, request), { schema });
  }

  for (const [mode, misspelt, named] of [
    ['full', 'whole', 'INSERT into users by load/users\\.sql'],
    ['incremental', 'whole', 'Computing the rows of users by load/users\\.sql'],
    ['incremental', 'incremental', 'Computing the rows of users by load/users\\.incremental\\.sql'],
  ] as const) {
    it(`is named with its file: ${mode} load, ${misspelt} statement`, async () => {
      await assert.rejects(transform(mode, misspelt), {
        kind: 'sqlTerminal',
        message: new RegExp(`^${named} failed in dev on localhost:\\d+: .*leval.* \\(42703\\)\\. ${ADVICE}$`),
      });
    });
  }

  it('is named with its file: table', async () => {
    const { server, schema } = loading;
    const statements = [{ table: 'broken', sql: 'create table broken (id biggint)' }];
    await assert.rejects(
      server.inSession((session) => createTables(session, { schema, design: 'd', recreate: false, statements }), {
        schema,
      }),
      {
        kind: 'sqlTerminal',
        message: /^Creating broken by tables\/broken\.sql failed in dev on localhost:\d+: .*biggint/,
      },
    );
  });

  it('is named with its file: check', async () => {
    const { server, schema } = loading;
    const check = { id: 'users_unique', title: 'users are unique', severity: 'error', sql: 'selec 1' } as const;
    await assert.rejects(
      server.inSession((session) => runCheck(session, check), { schema }),
      {
        kind: 'sqlTerminal',
        message:
          /^Check users_unique \(checks\/users_unique\.sql\) failed in dev on localhost:\d+: syntax error .*\. Correct the file of the warehouse folder that the statement is from\.$/,
      },
    );
  });
});
