import assert from 'node:assert/strict';
import type { LedgerFile, LedgerKey } from '../../../../src/adapters/redshift/ledger/ledger.js';
import type { Session } from '../../../../src/adapters/redshift/session/session.js';
import type { CopyStatement } from '../../../../src/adapters/redshift/stage/copy-statement.js';
import { stageTable } from '../../../../src/adapters/redshift/stage/stage-table.js';
import { transformTable } from '../../../../src/adapters/redshift/transform/transform-table.js';
import { writeManifest } from '../../../../src/adapters/s3/copy-manifest.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../../../support/stack.js';
import { getTestWarehouse, type TestWarehouse, uniqueName, useStackEnvironment } from '../../support/test-warehouse.js';
import { transformStatement } from '../../support/transform-statement.js';

describe('full load', () => {
  const schema = uniqueName('full_load_');
  let warehouse: TestWarehouse;
  let restore = () => {};

  before(async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    restore = useStackEnvironment(await getTestStack({ temporal: false }));
    warehouse = await getTestWarehouse();
    await warehouse.query(`create schema ${schema}`);
    await warehouse.query('create table staging (id bigint, level varchar(4))', schema);
    await warehouse.query('create table star (id bigint)', schema);
    await warehouse.query('create table other (id bigint)', schema);
  });

  after(() => restore());

  function keyOf(runId: string, table: string): LedgerKey {
    return { workflowId: 'load', runId, step: table, schema, table };
  }

  async function stage(
    runId: string,
    bodies: readonly string[],
    change: { readonly maxErrors?: number; readonly role?: string; readonly onStatement?: () => void } = {},
  ) {
    const files: LedgerFile[] = [];
    for (const [index, body] of bodies.entries()) {
      files.push(await warehouse.put(`${schema}/${runId}/${index}.json`, body));
    }
    const { bucket, adapters, settings } = warehouse;
    const { manifestUrl } = await writeManifest({
      s3: adapters.aws.s3,
      workspace: `s3://${bucket}/.starshift/`,
      ...{ workflowId: 'load', runId, step: 'staging', pinned: { compression: 'none', files } },
    });
    const copy: Omit<CopyStatement, 'schema' | 'table'> = {
      manifestUrl,
      format: 'json',
      jsonpaths: 'auto',
      compression: 'none',
      options: {},
      iamRole: change.role ?? settings.iamRole,
      maxErrors: change.maxErrors ?? 0,
    };
    const request = { key: keyOf(runId, 'staging'), files, relist: async () => files, copy };
    const { onStatement } = change;
    return warehouse.inSession(
      (session) => stageTable(onStatement ? listening(session, onStatement) : session, request),
      {
        schema,
      },
    );
  }

  /** A session that tells of every statement that it sends. */
  function listening(session: Session, onStatement: () => void): Session {
    const { runRaw } = session;
    session.runRaw = (statement) => {
      onStatement();
      return runRaw.call(session, statement);
    };
    return session;
  }

  function transform(runId: string, sql: string, table = 'star') {
    const request = { key: keyOf(runId, table), statement: transformStatement(sql), reads: [] };
    return warehouse.inSession((session) => transformTable(session, request), { schema });
  }

  async function ids(table: string): Promise<readonly (string | null | undefined)[]> {
    return (await warehouse.query(`select id from ${table} order by id`, schema)).map((row) => row.id);
  }

  it('replaces what the staging table held, and records files and counts', async () => {
    await warehouse.query("insert into staging values (99, 'free')", schema);
    assert.deepEqual(
      await stage('r1', ['{"id":1,"level":"free"}\n{"id":2,"level":"paid"}\n', '{"id":3,"level":"free"}\n']),
      {
        ...{ rows: 3, files: 2, sizeBytes: 72, rejectedRows: 0, rejects: [], alreadyDone: false },
      },
    );
    assert.deepEqual(await ids('staging'), ['1', '2', '3']);
    const [step] = await warehouse.query(
      `select kind, table_name, row_count, file_count, size_bytes, rejected_rows from starshift.load_steps where table_schema = '${schema}' and run_id = 'r1'`,
    );
    assert.deepEqual(
      { ...step },
      { kind: 'stage', table_name: 'staging', row_count: '3', file_count: '2', size_bytes: '72', rejected_rows: '0' },
    );
    const files = await warehouse.query(
      `select url, etag, size_bytes, row_count from starshift.load_files where table_schema = '${schema}' and run_id = 'r1' order by url`,
    );
    assert.deepEqual(
      files.map((file) => ({ ...file })),
      [
        {
          url: `s3://${warehouse.bucket}/${schema}/r1/0.json`,
          etag: '8ccef335283d00bb40162e30807b62f1',
          size_bytes: '48',
          row_count: '2',
        },
        {
          url: `s3://${warehouse.bucket}/${schema}/r1/1.json`,
          etag: 'f533ec4a61d35cd898382465fea08914',
          size_bytes: '24',
          row_count: '1',
        },
      ],
    );
  });

  it('gives the recorded facts of a step that is done and leaves the table alone', async () => {
    await stage('r2', ['{"id":1,"level":"free"}\n']);
    await warehouse.query('update staging set id = 7', schema);
    assert.deepEqual(await stage('r2', ['{"id":1,"level":"free"}\n']), {
      ...{ rows: 1, files: 1, sizeBytes: 24, rejectedRows: 0, rejects: [], alreadyDone: true },
    });
    assert.deepEqual(await ids('staging'), ['7']);
  });

  it('loads once when two attempts of a step run at the same time', async () => {
    const body = `${Array.from({ length: 500 }, (_, id) => JSON.stringify({ id, level: 'free' })).join('\n')}\n`;
    const facts = await Promise.all([stage('r3', [body]), stage('r3', [body]), stage('r3', [body])]);
    assert.deepEqual(
      facts.map(({ rows }) => rows),
      [500, 500, 500],
    );
    assert.equal(facts.filter(({ alreadyDone }) => !alreadyDone).length, 1);
    assert.equal((await ids('staging')).length, 500);
  });

  it('tells file, line, column, value and reason of a rejected row', async () => {
    const url = `s3://${warehouse.bucket}/${schema}/r4/0.json`;
    await assert.rejects(stage('r4', ['{"id":1,"level":"free"}\n{"id":"abc","level":"free"}\n']), (error: Error) => {
      const { kind, details, message } = error as Error & { kind: string; details: readonly unknown[] };
      assert.equal(kind, 'copyRejectedRows');
      assert.equal(
        message,
        `COPY into staging rejected ${url} line 2, column "id": "abc" is not a BIGINT (Invalid digit, Value 'a', Pos 0, Type: Long).`,
      );
      assert.deepEqual(details, [
        { file: url, line: 2, column: 'id', value: 'abc', reason: "Invalid digit, Value 'a', Pos 0, Type: Long" },
        { rejectedRows: 1 },
      ]);
      return true;
    });
  });

  it('says that a value is too long for its column', async () => {
    const url = `s3://${warehouse.bucket}/${schema}/r5/0.json`;
    await assert.rejects(stage('r5', ['{"id":1,"level":"platinum"}\n']), {
      kind: 'copyRejectedRows',
      message: `COPY into staging rejected ${url} line 1, column "level": "platinum" is too long (String length exceeds DDL length).`,
    });
  });

  it('counts and shows the rows that it leaves out within maxErrors', async () => {
    const url = `s3://${warehouse.bucket}/${schema}/r6/0.json`;
    const facts = await stage('r6', ['{"id":1,"level":"free"}\n{"id":"x","level":"free"}\n{"id":3,"level":"free"}\n'], {
      maxErrors: 1,
    });
    assert.deepEqual(facts, {
      ...{ rows: 2, files: 1, sizeBytes: 74, rejectedRows: 1, alreadyDone: false },
      rejects: [
        { file: url, line: 2, column: 'id', value: 'x', reason: "Invalid digit, Value 'x', Pos 0, Type: Long" },
      ],
    });
    assert.deepEqual(await ids('staging'), ['1', '3']);
  });

  it('says that the cluster may not use a role', async () => {
    await assert.rejects(stage('r7', ['{"id":1}\n'], { role: 'arn:aws:iam::000000000000:role/somebody-elses' }), {
      kind: 'sqlTerminal',
      message:
        /^COPY into staging failed in dev on localhost:\d+: .*somebody-elses.* Attach the role to the cluster, let Redshift assume it, or name another role in the input \("iamRole"\)\.$/,
    });
  });

  it('keeps the old rows when the COPY fails', async () => {
    await stage('before', ['{"id":1,"level":"free"}\n{"id":2,"level":"paid"}\n']);
    await assert.rejects(stage('failed', ['{"id":3,"level":"free"}\n{"id":"abc"}\n']), { kind: 'copyRejectedRows' });
    assert.deepEqual(await ids('staging'), ['1', '2']);
  });

  it('shows readers of a staging table the rows from before or those from after, never others', async () => {
    const rows = (from: number, total: number) =>
      Array.from({ length: total }, (_, id) => `${JSON.stringify({ id: from + id })}\n`).join('');
    await stage('old', [rows(0, 3_000)]);
    const seen = new Set<string | null | undefined>();
    let loading = true;
    const reading = warehouse.inSession(
      async (reader) => {
        while (loading) {
          const found = await reader.run({ sql: 'select count(*) as total, min(id) from staging', action: 'Test' });
          seen.add(`${found.rows[0]?.total} from ${found.rows[0]?.min}`);
        }
      },
      { schema },
    );
    await stage(
      'new',
      Array.from({ length: 20 }, (_, part) => rows(10_000 + part * 1_000, 1_000)),
    );
    loading = false;
    await reading;
    const [{ total } = {}] = await warehouse.query('select count(*) as total from staging', schema);
    assert.equal(total, '20000');
    assert.ok(seen.has('3000 from 0'));
    seen.delete('20000 from 10000');
    assert.deepEqual([...seen], ['3000 from 0']);
  });

  it('sends as many statements for many files as for one', async () => {
    const sent = async (runId: string, files: number) => {
      let statements = 0;
      const onStatement = (): void => {
        statements++;
      };
      await stage(
        runId,
        Array.from({ length: files }, (_, id) => `{"id":${id}}\n`),
        { onStatement },
      );
      return statements;
    };
    await stage('any', ['{"id":1}\n']);
    assert.deepEqual([await sent('one', 1), await sent('many', 30)], [20, 20]);
  });

  it('loads after a failed attempt as if there had been none', async () => {
    await assert.rejects(stage('r8', ['{"id":"abc"}\n']));
    assert.equal((await stage('r8', ['{"id":8,"level":"free"}\n'])).alreadyDone, false);
    assert.deepEqual(await ids('staging'), ['8']);
  });

  it('replaces a star table in one transaction: readers see before or after', async () => {
    await transform('r1', 'insert into star (id) select 1');
    const seen: string[] = [];
    await warehouse.inSession(
      async (writer) => {
        await writer.transaction(async () => {
          await writer.run({ sql: `lock table starshift.guard_${schema}$star`, action: 'Test' });
          // Another attempt waits for the guard; the table itself stays readable.
          const waiting = transform('r2', 'insert into star (id) select 2 union all select 3');
          seen.push(...(await ids('star')).map(String));
          await writer.run({ sql: 'commit', action: 'Test' });
          assert.deepEqual(await waiting, { rows: 2, alreadyDone: false });
          await writer.run({ sql: 'begin', action: 'Test' });
        });
      },
      { schema },
    );
    assert.deepEqual(seen, ['1']);
    assert.deepEqual(await ids('star'), ['2', '3']);
  });

  it('keeps the old rows when the statement fails', async () => {
    await transform('r3', 'insert into star (id) select 4');
    await assert.rejects(transform('r4', 'insert into star (id) select 1/0'), {
      kind: 'sqlTerminal',
      message:
        /^INSERT into star by load\/star\.sql failed in dev on localhost:\d+: division by zero \(22012\)\. Correct the data or the statement\.$/i,
    });
    assert.deepEqual(await ids('star'), ['4']);
  });

  it('inserts once when two attempts of a step run at the same time', async () => {
    const both = await Promise.all([
      transform('r5', 'insert into star (id) select 5'),
      transform('r5', 'insert into star (id) select 5'),
    ]);
    assert.deepEqual(
      both.map(({ rows }) => rows),
      [1, 1],
    );
    assert.equal(both.filter(({ alreadyDone }) => !alreadyDone).length, 1);
    assert.deepEqual(await ids('star'), ['5']);
  });

  it('lets steps of different tables run side by side', async () => {
    const facts = await Promise.all([
      transform('r6', 'insert into star (id) select 6'),
      transform('r6', 'insert into other (id) select 6', 'other'),
      stage('r9', ['{"id":9,"level":"free"}\n']),
    ]);
    assert.deepEqual(
      facts.map(({ alreadyDone }) => alreadyDone),
      [false, false, false],
    );
  });

  it('says which table is missing', async () => {
    await assert.rejects(transform('r1', 'insert into nowhere (id) select 1', 'nowhere'), {
      kind: 'sqlTerminal',
      message:
        /^Replacing the rows of nowhere failed in dev on localhost:\d+: relation ".*nowhere" does not exist \(42P01\)\. Create the tables first \(createTables\), with the same warehouse, design and schema; or correct the name in the file of the warehouse folder\.$/,
    });
  });
});
