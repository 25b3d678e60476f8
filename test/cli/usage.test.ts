import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram, startStarshift } from '../e2e/support/run-program.js';

/** An address where nothing listens: the port of a server that has just closed. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

describe('starshift', () => {
  let stateDir: string;
  before(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'starshift-usage-'));
  });
  after(() => rmSync(stateDir, { recursive: true }));

  const starshift = (args: readonly string[], settings: Record<string, string> = {}) =>
    startStarshift(args, { ...process.env, TEMPORAL_ADDRESS: '', STARSHIFT_STATE_DIR: stateDir, ...settings }).finished;

  const COMMANDS = [
    'demo',
    'local',
    'plan',
    'run',
    'status',
    'retry',
    'skip',
    'abort',
    'history',
    'quarantine',
    'dsn',
    'generate',
    'worker',
    'doctor',
  ];
  it('shows examples with --help on stdout and ends with 0, whatever the command', async () => {
    for (const { command, code, stdout, stderr } of await ofEach('--help')) {
      assert.equal(code, 0, `${command}: ${stderr}`);
      assert.match(stdout, /Examples?:\n/, command);
      assert.equal(stderr, '', command);
    }
  });

  it('refuses an unknown flag with 2, whatever the command', async () => {
    for (const { command, code, stdout, stderr } of await ofEach('--bogus')) {
      assert.equal(code, 2, command);
      assert.match(stderr, /unknown option '--bogus'/, command);
      assert.equal(stdout, '', command);
    }
  });

  const ofEach = (flag: string) =>
    Promise.all(COMMANDS.map(async (command) => ({ command, ...(await starshift([command, flag])) })));

  const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['nonsense'], /unknown command 'nonsense'/],
    [['run', 'nonsense'], /There is no workflow "nonsense"/],
    [['run', 'loadWarehouse', '--input', '{"wat": 1}'], /wat: is not a known field/],
    [['plan', 'nonsense'], /is not a warehouse of .*; there are sparkify/],
    [
      ['plan', 'sparkify', '--design', 'nonsense'],
      /there is no design "nonsense"; there are by-user, by-song, even, auto/,
    ],
    [['plan', 'sparkify', '--source', 'http://x'], /--source http:\/\/x is not an S3 URL/],
    [['status', '--limit', 'many'], /--limit many is not a number of runs/],
    [['retry', 'run-1', 'staging_events', '--max-errors', '100001'], /--max-errors 100001 is not a whole number/],
    [['history', 'tables', 'songplays'], /There is no history of "tables"\. Write starshift history table songplays/],
    [['history', 'table'], /Which table\? Write for example: starshift history table songplays/],
    [['history', 'table', 'songplays', 'users'], /too many arguments/],
    [['history', '--limit', '0'], /--limit 0 is not a number from 1 to 100000/],
    [['history', '--cluster', 'a', '--run', 'b'], /Name the warehouse in one way only, not with a cluster and --run/],
    [
      ['history', '--input', '{"wat": 1}'],
      /--input is not the input of a workflow; for \w+:[\s\S]* wat: is not a known field/,
    ],
    [['history', '--run', 'a', '--password-env', 'B'], /--password-env belongs to a cluster/],
    [['history', '--schema', 'a-b'], /--schema a-b is not a schema name/],
    [['quarantine'], /Usage: starshift quarantine/],
    [['quarantine', 'nonsense'], /unknown command 'nonsense'/],
    [['quarantine', 'list', '--bogus'], /unknown option '--bogus'/],
    [['quarantine', 'list', '--limit', 'x'], /--limit x is not a number/],
    [['quarantine', 'retry'], /Say which files, in one way: starshift quarantine retry FILE/],
    [['quarantine', 'retry', 'a.json', '--all'], /Say which files, in one way/],
    [['quarantine', 'retry', '--all', '--max-errors', 'x'], /--max-errors x is not a whole number/],
    [['demo', '--data', '/no/such/folder'], /--data \/no\/such\/folder is not a folder/],
    [['demo', '--ui-port', '7777', '--s3-port', '7777'], /--ui-port and --s3-port both name port 7777/],
    [['local', '--ui-port', '22'], /--ui-port 22: browsers refuse to open port 22/],
    [['demo', '--design', 'nonsense'], /there is no design "nonsense"/],
  ];
  for (const [args, message] of WRONG) {
    it(`ends with 2 and says why: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await starshift(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }

  it('reports every wrong setting at once with 2', async () => {
    const settings = { STARSHIFT_S3_PATH_STYLE: 'maybe', STARSHIFT_WAREHOUSES: '/no/such' };
    const { code, stderr } = await starshift(['status'], settings);
    assert.equal(code, 2);
    assert.match(stderr, /STARSHIFT_S3_PATH_STYLE: /);
    assert.match(stderr, /STARSHIFT_WAREHOUSES: /);
  });

  it('says what to do when Temporal cannot be reached', async () => {
    const address = await closedAddress();
    const { code, stderr } = await starshift(['status'], { TEMPORAL_ADDRESS: address });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Temporal at ${address} cannot be reached`));
    assert.match(stderr, /Check TEMPORAL_ADDRESS/);
  });

  it('says that the local stack is down when a sourced stack.env names it', async () => {
    const address = await closedAddress();
    const settings = { TEMPORAL_ADDRESS: address, STARSHIFT_STACK_TEMPORAL: address };
    for (const command of ['status', 'worker']) {
      const { code, stderr } = await starshift([command], settings);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /address of the local stack, which is not running\. Start it with `npm start` or/, command);
      assert.doesNotMatch(stderr, /Check TEMPORAL_ADDRESS/, command);
    }
  });

  it('ends quietly when nobody reads its output any more', async () => {
    for (const args of ['generate --help', 'plan sparkify', 'nonsense 2>&1']) {
      // The reader is gone before the first line comes.
      const script = `node --import tsx src/cli.ts ${args} | true; echo "\${PIPESTATUS[0]}"`;
      const environment = { ...process.env, STARSHIFT_STATE_DIR: stateDir };
      const { stdout, stderr } = await startProgram({ command: 'bash', args: ['-c', script], environment }).finished;
      assert.equal(stderr, '', args);
      assert.match(stdout, /^[02]\n$/, args);
    }
  });

  it('prints the plan as SQL without any server', async () => {
    const { code, stdout, stderr } = await starshift(['plan', 'sparkify', '--source', 's3://music/in']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /copy "?public"?\."?staging_events"?\nfrom 's3:\/\/music\/\.starshift\/manifests/);
    assert.match(stdout, /format as json 's3:\/\/music\/in\/log_json_path\.json'/);
    assert.match(stdout, /insert into songplays/i);
  });

  it('prints the plan as JSON', async () => {
    const { stdout } = await starshift(['plan', 'sparkify', '--design', 'even', '--json']);
    assert.equal(JSON.parse(stdout).design, 'even');
  });

  it('names the cycle in a DAG', async () => {
    const warehouses = join(stateDir, 'warehouses');
    cpSync('sql/sparkify', join(warehouses, 'sparkify'), { recursive: true });
    const file = join(warehouses, 'sparkify/warehouse.yaml');
    const yaml = readFileSync(file, 'utf8');
    const needs = 'songplays: { needs: [staging_events, staging_songs';
    const cyclic = yaml.replace(needs, `${needs}, time`);
    assert.notEqual(cyclic, yaml);
    writeFileSync(file, cyclic);
    const { code, stderr } = await starshift(['plan', 'sparkify'], { STARSHIFT_WAREHOUSES: warehouses });
    assert.equal(code, 2);
    assert.match(stderr, /songplays -> time -> songplays/);
  });
});
