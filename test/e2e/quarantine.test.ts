import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlBlocks } from '../docs/sql-blocks.js';
import { STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { E2eStack, PASSWORD_VARIABLE } from './support/e2e-stack.js';
import { event, writeData } from './support/sparkify-data.js';

const CLUSTER = 'e2e-quarantine';
const SOURCE = 's3://e2e-quarantine/music/';
const LOGS = `${SOURCE}log_data/`;
const TARGET = { cluster: CLUSTER, password: { env: PASSWORD_VARIABLE } };
const SESSION = 1000001;

const play = (item: number, change: Readonly<Record<string, unknown>> = {}) =>
  event({ sessionId: SESSION, itemInSession: item, ts: 1541440182000 + item, ...change });

const GOOD = { 'a.json': play(1) + play(2), 'c.json': play(5) };
/** A value that a terminal would obey, if it were sent as it is. */
const EVIL = '\u001b[2Jfemale';

describe('starshift history and quarantine, on real loads', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let e2e: E2eStack;
  let inputFile: string;

  before(async () => {
    e2e = await E2eStack.start();
    inputFile = join(e2e.folder, 'quarantine-load.json');
    await writeFile(inputFile, JSON.stringify({ warehouse: 'sparkify', source: { url: SOURCE }, target: TARGET }));
    await e2e.startRun({
      type: 'provisionWarehouse',
      workflowId: 'quarantine-cluster',
      input: { source: { url: SOURCE }, cluster: { identifier: CLUSTER, adminPassword: { env: PASSWORD_VARIABLE } } },
    });
    await e2e.result('quarantine-cluster');
  });
  after(() => e2e?.stop());

  const upload = async (logs: Readonly<Record<string, string>>) => {
    const folder = join(e2e.folder, 'quarantine');
    await writeData({ folder, logs });
    await e2e.upload(folder, 'e2e-quarantine', 'music/');
  };

  const starshift = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await e2e.starshift(...args);
    return { code, stdout, stderr, both: stdout + stderr };
  };

  const json = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await e2e.starshift(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  const items = async (table: string, column: string) =>
    (await e2e.sql(CLUSTER, `select ${column} as item from ${table} order by 1`)).map(({ item }) => Number(item));

  it('says that there is no ledger, and makes none', async () => {
    for (const args of [
      ['history'],
      ['history', 'table', 'songplays'],
      ['quarantine', 'list'],
      ['quarantine', 'retry', '--all'],
    ]) {
      const { code, stdout, stderr } = await starshift(...args, '--run', 'quarantine-cluster');
      assert.equal(code, 1);
      assert.match(stderr, /^There is no ledger in dev on localhost:\d+: Starshift has not loaded anything there yet/);
      assert.equal(stdout, '');
    }
    assert.deepEqual(await e2e.sql(CLUSTER, "select nspname from pg_namespace where nspname = 'starshift'"), []);
  });

  it('lists what a load did without: a row that was rejected and a file that was left out', async () => {
    const tables = { warehouse: 'sparkify', recreate: true, target: TARGET };
    await e2e.startRun({ type: 'createTables', workflowId: 'quarantine-tables', input: tables });
    await e2e.result('quarantine-tables');
    await upload({ ...GOOD, 'b.json': play(3) + play(4, { gender: EVIL }), 'broken.json': '{"ts": 1,,}\n' });
    await e2e.starshift('run', 'loadWarehouse', '--input-file', inputFile, '--workflow-id', 'quarantine-1');
    const change = ['--max-errors', '1', '--exclude', `${LOGS}broken.json`];
    const answered = await starshift('retry', 'quarantine-1', 'staging_events', ...change);
    assert.equal(answered.code, 0, answered.stderr);
    await e2e.result('quarantine-1');
    const { schema, open, files } = await json('quarantine', 'list', '--input-file', inputFile);
    assert.equal(schema, 'public');
    assert.equal(open, 2);
    assert.deepEqual(
      files.map(({ url, table, wholeFile, entries }: Record<string, unknown>) => {
        const [{ line, column, value, workflowId }] = entries as [Record<string, unknown>];
        return { url, table, wholeFile, line, column, value, workflowId };
      }),
      [
        {
          ...{ url: `${LOGS}b.json`, table: 'staging_events', wholeFile: false, line: 2, column: 'gender' },
          ...{ value: EVIL, workflowId: 'quarantine-1' },
        },
        {
          ...{ url: `${LOGS}broken.json`, table: 'staging_events', wholeFile: true, line: null, column: null },
          ...{ value: null, workflowId: 'quarantine-1' },
        },
      ],
    );
  });

  it('shows on a terminal what is wrong, and sends it nothing that it would obey', async () => {
    const { code, both } = await starshift('quarantine', 'list', '--run', 'quarantine-1');
    assert.equal(code, 0);
    assert.match(
      both,
      /b\.json -> staging_events: 1 row rejected\n {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC by quarantine-1 \(load \d\)/,
    );
    assert.match(both, /line 2, column "gender": "[^"]*female": String length exceeds DDL length/);
    assert.match(both, /broken\.json -> staging_events: left out\n/);
    assert.match(both, /Open: 1 file left out, 1 rejected row\./);
    assert.match(both, /npx starshift quarantine retry --all/);
    assert.ok(!both.includes('\u001b'));
  });

  it('leaves open what is still broken, and says why', async () => {
    const { code, stdout, stderr } = await starshift(
      'quarantine',
      'retry',
      'broken.json',
      '--run',
      'quarantine-1',
      '--workflow-id',
      'quarantine-again',
    );
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      new RegExp(`Open: ${LOGS}broken\\.json: the run has not loaded it yet, it waits for an answer`),
    );
    assert.equal((await starshift('abort', 'quarantine-again')).code, 0);
    assert.equal((await json('quarantine', 'list', '--input-file', inputFile)).open, 2);
  });

  it('loads mended files once, with the other files of their load, and closes their entries', async () => {
    await upload({ ...GOOD, 'b.json': play(3) + play(4), 'broken.json': play(6) });
    const done = await starshift(
      'quarantine',
      'retry',
      '--all',
      '--cluster',
      CLUSTER,
      '--password-env',
      PASSWORD_VARIABLE,
      '--json',
    );
    assert.equal(done.code, 0, done.both);
    const { run, closed, open } = JSON.parse(done.stdout);
    assert.equal(run.status, 'completed');
    assert.deepEqual(open, []);
    assert.deepEqual(
      closed.map(({ url, table }: Record<string, unknown>) => [url, table]),
      [
        [`${LOGS}b.json`, 'staging_events'],
        [`${LOGS}broken.json`, 'staging_events'],
      ],
    );
    assert.deepEqual(await items('staging_events', 'iteminsession'), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await items('songplays', 'item_in_session'), [1, 2, 3, 4, 5, 6]);
    const settled = await starshift('quarantine', 'list', '--all', '--run', 'quarantine-1');
    assert.match(
      settled.both,
      /b\.json -> staging_events: 1 settled\n.*; settled: file loaded by loadWarehouse-sparkify-/,
    );
    assert.match(settled.both, /Nothing is open\./);
  });

  it('has nothing to load again when nothing is open', async () => {
    const none = await starshift('quarantine', 'retry', '--all', '--run', 'quarantine-1');
    assert.equal(none.code, 0);
    assert.match(none.stderr, /^Nothing of schema public lies in quarantine\.\n$/);
    const unknown = await starshift('quarantine', 'retry', 'b.json', '--run', 'quarantine-1');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^Not in quarantine: b\.json\. Nothing is\.\n$/);
  });

  it('tells the history of a file: its versions, which one is in the table, and that it was in quarantine', async () => {
    const { files } = await json('history', 'file', 'music/log_data/b.json', '--input-file', inputFile);
    assert.deepEqual(
      files.map(({ url }: { url: string }) => url),
      [`${LOGS}b.json`],
    );
    const [{ loads, quarantine }] = files;
    assert.deepEqual(
      loads.map(({ rows, rejectedRows, inTable }: Record<string, unknown>) => [rows, rejectedRows, inTable]),
      [
        [2, 0, true],
        [1, 1, false],
      ],
    );
    assert.notEqual(loads[0].etag, loads[1].etag);
    assert.deepEqual([quarantine[0].open, quarantine[0].total], [0, 1]);
    const shown = await starshift('history', 'file', 'broken.json', '--run', 'quarantine-1');
    assert.match(shown.stdout, /^s3:\/\/e2e-quarantine\/music\/log_data\/broken\.json\nLOADED \(UTC\)/);
    assert.match(shown.stdout, /Was in quarantine for staging_events \(the whole file\); that is settled\./);
  });

  it('tells what changed a table, what a run committed, and what was loaded lately', async () => {
    const { steps } = await json('history', 'table', 'staging_events', '--run', 'quarantine-1');
    const [replaced, full] = steps;
    assert.deepEqual(
      [replaced.change, replaced.rows, replaced.deletedRows, replaced.mode],
      ['replace', 6, 4, 'incremental'],
    );
    assert.deepEqual([full.change, full.rows, full.rejectedRows, full.workflowId], ['full', 4, 1, 'quarantine-1']);
    const { runs } = await json('history', 'run', 'quarantine-1', '--input-file', inputFile);
    assert.equal(runs.length, 1);
    assert.deepEqual([runs[0].files, runs[0].stagedRows, runs[0].rejectedRows, runs[0].steps.length], [4, 5, 1, 7]);
    assert.deepEqual(
      [runs[0].quarantinedFiles, runs[0].quarantine.map(({ url }: { url: string }) => url)],
      [1, [`${LOGS}b.json`, `${LOGS}broken.json`]],
    );
    const shown = await starshift('history', 'run', 'quarantine-1', '--input-file', inputFile);
    assert.match(
      shown.stdout,
      new RegExp(
        `\\n4 files \\(.*\\) staged as 5 rows, 1 row rejected, 1 file left out\n` +
          `  ${LOGS}b\\.json -> staging_events: 1 row rejected, settled since\n` +
          `  ${LOGS}broken\\.json -> staging_events: left out, settled since\n` +
          '  Why, and what was in the rows: npx starshift quarantine list --all\n',
      ),
    );
    const lately = await starshift('history', '--limit', '3', '--run', 'quarantine-1');
    assert.equal(lately.stdout.trim().split('\n').length, 4);
    assert.match(lately.stdout, /^COMMITTED \(UTC\) +TABLE +HOW/);
    assert.match(lately.stderr, /There are older ones: --limit 6/);
  });

  it('counts commits that changed nothing and lists them with --all only', async () => {
    const { hidden, steps } = await json('history', '--limit', '100', '--input-file', inputFile);
    const all = await json('history', '--limit', '100', '--all', '--input-file', inputFile);
    assert.ok(hidden > 0);
    assert.equal(all.steps.length, steps.length + hidden);
    assert.equal(all.hidden, 0);
    const shown = await starshift('history', '--limit', '100', '--input-file', inputFile);
    assert.match(shown.stderr, new RegExp(`^${hidden} commits? that changed nothing (is|are) not shown: --all$`, 'm'));
    assert.doesNotMatch(shown.stdout, /no change/);
    assert.match((await starshift('history', '--all', '--input-file', inputFile)).stdout, /no change/);
  });

  it('names the closest there is when it is asked for what is not', async () => {
    const ask = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await starshift('history', ...args, '--run', 'quarantine-1');
      assert.deepEqual([code, stdout], [1, '']);
      return stderr;
    };
    assert.match(
      await ask('table', 'songplay'),
      /^The ledger knows no load of public\.songplay\. Did you mean songplays\?/,
    );
    assert.match(await ask('file', 'brokn.json'), /Closest: s3:\/\/e2e-quarantine\/music\/log_data\/broken\.json/);
    assert.match(await ask('run', 'quarantine-2'), /Did you mean quarantine-1\?/);
    assert.match(
      await ask('table', 'songplays', '--schema', 'elsewhere'),
      /Nothing was loaded into schema elsewhere yet\. The ledger knows public/,
    );
  });

  describe('the statements of docs/ledger.md', () => {
    const blocks = sqlBlocks('docs/ledger.md');
    const ask = (title: string) => {
      const sql = blocks.get(title);
      assert.ok(sql !== undefined, `${title}: there are ${[...blocks.keys()].join(', ')}`);
      return e2e.sql(CLUSTER, sql.replaceAll('s3://starshift-demo/sparkify/', SOURCE));
    };

    it('find the files in a table', async () => {
      const files = await ask('files in the table');
      const names = files.map(({ url, row_count: rows }) => [String(url).slice(LOGS.length), Number(rows)]);
      assert.deepEqual(names, [
        ['a.json', 2],
        ['b.json', 2],
        ['broken.json', 1],
        ['c.json', 1],
      ]);
    });

    it('lead from a play to its load and the files of that load, and from a file to its rows', async () => {
      const plays = await ask('from a play to its load');
      assert.equal(plays.length, 6);
      const [load] = plays.map(({ load_number: number }) => number);
      assert.ok(plays.every(({ load_number: number, file_count: files }) => number === load && Number(files) === 4));
      const sql = blocks.get('files of that load') ?? '';
      const files = await e2e.sql(CLUSTER, sql.replace('load_number = 3', `load_number = ${load}`));
      assert.equal(files.length, 4);
      assert.equal((await ask("rows of a file's load")).length, 6);
    });

    it('tell the last load of each table', async () => {
      const tables = (await ask('last load of each table')).map(({ table_name: name, mode }) => [name, mode]);
      assert.deepEqual(
        tables,
        ['artists', 'songplays', 'songs', 'staging_events', 'staging_songs', 'time', 'users'].map((name) => [
          name,
          'incremental',
        ]),
      );
    });

    it('find what is open in quarantine', async () => {
      assert.deepEqual(await ask('open quarantine'), []);
      await e2e.sql(
        CLUSTER,
        `insert into starshift.quarantine (workflow_id, run_id, step, table_schema, table_name, load_number, url, reason, quarantined_at)
          values ('w', 'r', 's', 'public', 'staging_events', 1000, '${LOGS}d.json', 'why', getdate())`,
      );
      assert.deepEqual(
        (await ask('open quarantine')).map(({ url }) => url),
        [`${LOGS}d.json`],
      );
    });

    it('prove that the ledger balances', async () => {
      const [balance] = await ask('ledger balance');
      assert.deepEqual([Number(balance?.ledger_rows), Number(balance?.table_rows)], [6, 6]);
    });

    it('are all tested', () => {
      assert.deepEqual(
        [...blocks.keys()],
        [
          ...['files in the table', 'from a play to its load', 'files of that load', "rows of a file's load"],
          ...['last load of each table', 'open quarantine', 'ledger balance'],
        ],
      );
    });
  });
});
